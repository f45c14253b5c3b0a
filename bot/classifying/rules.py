"""How much may be classified at once, and how."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator allows."""

    default_model: str = "yandexgpt-lite"
    """For classifiers that name none."""
    most_texts: int = 1000
    """In one go."""
    most_file_bytes: int = 1_000_000
    most_characters: int = 10_000
    """Of one text."""
    at_once: int = 3
    """How many texts of one pile are on their way together: one or two at the service, one that waits."""
    delimiter: str = ","
    """Of the files that come back, if what was sent has none of its own."""
