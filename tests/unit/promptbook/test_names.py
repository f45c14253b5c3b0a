"""Which files count, what they are called, and which prompt is the default."""

from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.promptbook import PromptBook
from tests.unit.promptbook.conftest import Desk


def test_a_prompt_is_named_by_its_file_or_by_itself(desk: Desk) -> None:
    desk.write("Cook.yaml", "system: x\n")
    desk.write("z.yml", "name: baker\nsystem: x\n")

    assert desk.loaded().names == ("cook", "good", "baker")


def test_a_title_left_out_is_the_name(desk: Desk) -> None:
    assert desk.loaded().get("good").title_for("en") == "good"


def test_a_file_whose_name_cannot_be_a_prompts_is_told(desk: Desk) -> None:
    desk.write("My Cook.yaml", "system: x\n")

    reason = "the file's name cannot name a prompt: expected 1 to 32 characters of a-z, 0-9, _ and -"
    assert desk.told() == [f"My Cook.yaml:1:1: {reason}; or give it a 'name'"]


def test_a_file_may_be_called_anything_if_it_says_its_name(desk: Desk) -> None:
    desk.write("Мой повар.yaml", "name: cook\nsystem: x\n")

    assert "cook" in desk.loaded().names


def test_the_file_that_bears_a_name_keeps_it(desk: Desk) -> None:
    desk.write("a.yaml", "title: x\nname: GOOD\nsystem: x\n")

    assert desk.told() == [
        f"a.yaml:2:7: duplicate name 'good': {desk.folder}/good.yaml has it already",
        "a.yaml:2:7: name: expected 1 to 32 characters of a-z, 0-9, _ and -, got 'GOOD'",
    ]


@pytest.mark.parametrize("other", ["good.yml", "Good.yaml", "GOOD.YAML"])
def test_two_files_of_one_name_are_told_whatever_their_case(desk: Desk, other: str) -> None:
    desk.write(other, "system: x\n")

    told = desk.told()

    assert len(told) == 1
    assert ":1:1: duplicate name 'good': " in told[0]


def test_a_file_that_cannot_be_read_still_has_its_name(desk: Desk) -> None:
    desk.write("base.yaml", "\tsystem: 'x\n")
    desk.write("it.yaml", "extends: base\n")

    assert [problem[:9] for problem in desk.told()] == ["base.yaml"]
    assert [problem[:9] for problem in desk.told(default="base")] == ["base.yaml"]


def test_files_of_editors_and_others_do_not_count(desk: Desk) -> None:
    for name in (".hidden.yaml", ".#good.yaml", "good.yaml~", "notes.txt"):
        desk.write(name, "{{{")
    (desk.folder / "folder.yaml").mkdir()

    assert desk.loaded().names == ("good",)


def test_a_file_that_cannot_be_opened_is_told(desk: Desk) -> None:
    (desk.folder / "gone.yaml").symlink_to(desk.folder / "nowhere")

    assert desk.told() == ["gone.yaml: cannot be read: No such file or directory"]


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such folder: expected one with a YAML file for each prompt"):
        PromptBook(tmp_path / "nowhere").load()


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no prompts here: expected files such as assistant\.yaml"):
        PromptBook(tmp_path).load()


def test_a_missing_default_is_told_with_the_nearest_name(desk: Desk) -> None:
    told = desk.told(default="goood")

    assert told == [f"{desk.folder}: the default prompt 'goood' is not here; did you mean 'good'?"]


def test_an_unknown_name_is_answered_by_the_default(desk: Desk) -> None:
    book = desk.loaded()

    assert [book.get(name).name for name in ("good", "gone", None)] == ["good"] * 3


def test_the_menu_begins_with_the_default_and_leaves_hidden_prompts_out(desk: Desk) -> None:
    desk.write("a.yaml", "system: x\n")
    desk.write("base.yaml", "system: x\nhidden: true\n")
    desk.write("z.yaml", "system: x\n")

    book = desk.loaded()

    assert [prompt.name for prompt in book.menu()] == ["good", "a", "z"]
    assert book.get("base").is_hidden
