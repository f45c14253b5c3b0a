from pathlib import Path

from bot.errors import ConfigError, Problem


def test_problems_are_told_in_the_order_of_their_files() -> None:
    later = Problem(Path("b.yaml"), 1, 1, "unknown key")
    sooner = Problem(Path("a.yaml"), 7, 3, "wrong type")

    error = ConfigError(later, sooner)

    assert str(error) == "a.yaml:7:3: wrong type\nb.yaml:1:1: unknown key"


def test_a_problem_without_a_place_names_the_file_alone() -> None:
    assert str(Problem(Path("a.yaml"), 0, 0, "not UTF-8")) == "a.yaml: not UTF-8"
