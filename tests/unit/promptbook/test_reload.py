"""An edit counts from the very next answer; a broken one changes nothing but the problems."""

import os
import shutil
import time
from pathlib import Path

from structlog.testing import capture_logs

from bot.promptbook import PromptBook
from bot.promptbook.sheet import judged
from tests.unit.promptbook.conftest import Desk


def text_of(book: PromptBook, name: str = "good") -> str:
    return book.get(name).system.in_("en").text


def age(folder: Path) -> None:
    """Wait until the file system's clock has ticked: stamps tell every edit from then on."""
    time.sleep(0.12)
    assert folder.is_dir()


def test_an_edit_is_used_at_once(desk: Desk) -> None:
    book = desk.loaded()

    desk.write("good.yaml", "system: Be brief.\n")

    assert book.refresh()
    assert text_of(book) == "Be brief."
    assert not book.refresh()


def test_an_edit_reads_no_file_but_its_own(desk: Desk) -> None:
    for number in range(20):
        desk.write(f"other{number}.yaml", f"system: Say {number}.\n")
    book = desk.loaded()
    before = judged.cache_info().misses

    desk.write("good.yaml", "system: Be brief.\n")

    assert book.refresh()
    assert judged.cache_info().misses == before + 1


def test_an_edit_of_the_same_size_in_the_same_instant_is_seen(desk: Desk) -> None:
    for number in range(100):
        desk.write("good.yaml", f"system: Number {number:03}.\n")
        if number == 0:
            book = desk.loaded()
        else:
            assert book.refresh()

        assert text_of(book) == f"Number {number:03}."


def test_files_that_have_settled_are_not_read_again(desk: Desk) -> None:
    age(desk.folder)
    book = desk.loaded()
    contents = book._contents

    assert not book.refresh()
    assert book._contents is contents


def test_an_edit_of_settled_files_is_seen_even_if_its_time_is_put_back(desk: Desk) -> None:
    age(desk.folder)
    book = desk.loaded()
    before = (desk.folder / "good.yaml").stat()

    file = desk.write("good.yaml", "system: Be kool.\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert book.refresh()
    assert text_of(book) == "Be kool."


def test_a_touched_file_is_no_news(desk: Desk) -> None:
    book = desk.loaded()

    os.utime(desk.folder / "good.yaml")

    assert not book.refresh()


def test_files_that_come_and_go_are_noticed(desk: Desk) -> None:
    book = desk.loaded()

    names = [book.names]

    desk.write("new.yaml", "system: x\n")
    book.refresh()
    names.append(book.names)
    (desk.folder / "new.yaml").unlink()
    book.refresh()
    names.append(book.names)

    assert names == [("good",), ("good", "new"), ("good",)]


def test_a_broken_edit_leaves_the_last_good_set_in_force(desk: Desk) -> None:
    desk.write("other.yaml", "system: Other.\n")
    book = desk.loaded()

    desk.write("good.yaml", "sytem: x\n")
    desk.write("other.yaml", "system: New.\n")

    assert not book.refresh()
    assert (text_of(book), text_of(book, "other")) == ("Be kind.", "Other.")
    assert [str(problem) for problem in book.problems] == [
        f"{desk.folder}/good.yaml:1:1: unknown key 'sytem'; did you mean 'system'?"
    ]


def test_a_mended_edit_takes_the_problems_away(desk: Desk) -> None:
    book = desk.loaded()
    desk.write("good.yaml", "system: [\n")
    book.refresh()

    desk.write("good.yaml", "system: Be kind.\n")

    assert book.refresh()
    assert book.problems == ()


def test_a_broken_edit_is_logged_once(desk: Desk) -> None:
    book = desk.loaded()

    with capture_logs() as logs:
        desk.write("good.yaml", "sytem: x\n")
        for _ in range(3):
            book.refresh()
        age(desk.folder)
        book.refresh()
        desk.write("good.yaml", "sytem: y\n")
        book.refresh()
        desk.write("good.yaml", "system: y\n")
        book.refresh()

    assert [line["event"] for line in logs] == ["prompts_broken", "prompts_broken", "prompts_reloaded"]
    assert logs[0]["problems"] == [f"{desk.folder}/good.yaml:1:1: unknown key 'sytem'; did you mean 'system'?"]


def test_a_folder_that_vanishes_leaves_the_last_good_set_in_force(desk: Desk) -> None:
    book = desk.loaded()

    shutil.rmtree(desk.folder)

    assert not book.refresh()
    assert text_of(book) == "Be kind."
    assert book.problems[0].message.startswith("no such folder")


def test_a_failed_load_keeps_failing_and_keeps_the_last_good_set(desk: Desk) -> None:
    book = desk.loaded()
    desk.write("good.yaml", "sytem: x\n")

    told = [desk.told(), desk.told()]

    assert told[0] == told[1] != []
    assert text_of(book) == "Be kind."


def test_a_refresh_before_any_load_loads(desk: Desk) -> None:
    book = desk.book()

    assert book.refresh()
    assert text_of(book) == "Be kind."
