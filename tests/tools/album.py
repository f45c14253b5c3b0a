"""A `Photos` that has what it was given: the in-memory twin of the port."""

from dataclasses import dataclass, field

from bot.types import Picture


@dataclass
class Album:
    """Pictures by their ids; what is not here cannot be had."""

    pictures: dict[str, Picture] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    """What was asked for, in order."""

    def add(self, *ids: str) -> None:
        """Have a picture of each of these ids; its bytes are the id."""
        self.pictures |= {one: Picture(one.encode()) for one in ids}

    async def fetch(self, photo_id: str) -> Picture | None:
        self.fetched.append(photo_id)
        return self.pictures.get(photo_id)
