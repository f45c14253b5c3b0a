"""The whole bot behind the page, as `make play` starts it, in a real browser."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.async_api import Browser

from bot.sandbox.models.answers import Heard, answer_to
from bot.sandbox.page.cast import default_cast
from tests.browser.conftest import Reader
from tests.tools.command import ROOT
from tests.tools.page_stage import ANNA, BEN
from tests.tools.playing import Performance, playing
from tests.tools.redis_server import free_port

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TOPIC = f"{default_cast().groups[0].chat_id}:12"
FIRST = answer_to(Heard("6 words"))
ANSWER = "#list .row.theirs:not(.growing) .text"


@asynccontextmanager
async def played(
    folder: Path, browser: Browser, place: int | str, **env: str
) -> AsyncIterator[tuple[Performance, Reader]]:
    """Play in this folder and read the page at a chat; at the end nobody may complain, and it stops at once."""
    async with playing(folder, env=env) as play, Reader(play.address, browser) as reader:
        await reader.open(place)
        yield play, reader
        reader.judge()
        assert await play.stop() == 0


async def frames_of(reader: Reader) -> list[str]:
    """Watch an answer until it has stopped growing; return all that it showed, one after another."""
    bubble = reader.page.locator("#list .row.theirs .text").last
    frames: list[str] = []
    await reader.see(".row.growing")
    while True:
        has_ended = not await reader.page.locator(".row.growing").count()
        text = await bubble.inner_text()
        if text not in frames[-1:]:
            frames.append(text)
        if has_ended:
            return frames
        await asyncio.sleep(0.05)


async def test_the_first_message_is_answered_before_the_readers_eyes(tmp_path: Path, chromium: Browser) -> None:
    async with played(tmp_path, chromium, BEN) as (_, reader):
        await reader.see(".inspector code", "prompts/assistant.yaml")
        await reader.say("200 words, please")
        frames = await frames_of(reader)

        assert len(frames) >= 4
        assert all(len(text) > len(before) for before, text in pairwise(frames))
        assert len(frames[-1].split()) >= 200
        await reader.see("[data-part=system] .said", "Ben")
        await reader.see(".pill.good", "complete")
        assert int(await reader.text(".inspector .number")) > 200


async def test_an_edited_prompt_is_in_the_very_next_answer(tmp_path: Path, chromium: Browser) -> None:
    async with played(tmp_path, chromium, BEN) as (play, reader):
        await play.hurry()
        file = play.prompts / "assistant.yaml"
        await reader.say("Who are you?")
        await reader.see(ANSWER, "I am a stand-in")

        good = "title: Sparrow\nsystem: You are a sparrow, {{ person_name }}.\n"
        file.write_text(good, "utf-8")
        await reader.see(".inspector select", "Sparrow")
        await reader.page.click("#ask-again")
        await reader.see("[data-part=system] .said", "You are a sparrow, Ben.")

        file.write_text("system: Hi\nmodel:\n  temperature: hot\n", "utf-8")
        await reader.see("#problems", "assistant.yaml:3:16: temperature")
        file.write_text(good, "utf-8")
        await reader.miss("#problems")


async def test_the_stop_button_stops_an_answer(tmp_path: Path, chromium: Browser) -> None:
    async with played(tmp_path, chromium, BEN) as (_, reader):
        await reader.say("900 words")
        await reader.see(".row.growing")
        await reader.page.click("#stop")

        await reader.see(ANSWER, "Stopped")
        await reader.see(".pill", "stopped")
        await reader.miss("#stop")


async def test_a_draft_grows_and_becomes_the_answer(tmp_path: Path, chromium: Browser) -> None:
    async with played(tmp_path, chromium, BEN, REPLIES__TRANSPORT="draft") as (_, reader):
        await reader.say("200 words, please")
        await reader.see(".draft")
        sent_meanwhile = await reader.page.locator("#list .row.theirs").count()
        await reader.see(ANSWER, "the bird")

        assert sent_meanwhile == 0
        await reader.miss(".draft")
        await reader.miss("#stop")
        assert len((await reader.text(ANSWER)).split()) >= 200
        await reader.see(".pill.good", "complete")


async def test_a_draft_is_stopped_by_its_own_button(tmp_path: Path, chromium: Browser) -> None:
    async with played(tmp_path, chromium, BEN, REPLIES__TRANSPORT="draft") as (_, reader):
        await reader.say("900 words")
        await reader.see(".draft .text", "the talking bird")
        await reader.page.click(".stop-draft")

        await reader.see(ANSWER, "Stopped")
        await reader.miss(".draft")
        await reader.see(".pill", "stopped")


async def test_an_edited_question_is_answered_in_the_same_place(tmp_path: Path, chromium: Browser) -> None:
    async with played(tmp_path, chromium, BEN) as (play, reader):
        await play.hurry()
        await reader.say("Who are yuo?")
        await reader.see(ANSWER, "Who are yuo?")
        await reader.see(".pill.good", "complete")

        await reader.page.hover("#list .row.mine .bubble")
        await reader.page.get_by_role("button", name="Edit", exact=True).click()
        await reader.say("Who are you?")
        await reader.see(ANSWER, "Who are you?")

        assert await reader.page.locator("#list .row").count() == 2


async def test_a_reply_tells_the_model_what_it_is_to(tmp_path: Path, chromium: Browser) -> None:
    async with played(tmp_path, chromium, BEN) as (play, reader):
        await play.hurry()
        await reader.say("6 words")
        await reader.see(ANSWER, FIRST)
        await reader.say("Hello")
        await reader.see(ANSWER, "Hello")

        await reader.page.hover("#list .row.theirs .bubble >> nth=0")
        await reader.page.get_by_role("button", name="Reply", exact=True).nth(1).click()
        await reader.see("#answering", FIRST)
        await reader.say("What is this?")
        await reader.see("#list .row.mine .quote", FIRST)

        await reader.see("[data-part=question] .said", FIRST)


async def test_a_long_answer_is_a_file_too(tmp_path: Path, chromium: Browser) -> None:
    async with played(tmp_path, chromium, BEN, REPLIES__FILE_AFTER_PARTS="1") as (play, reader):
        await play.hurry()
        await reader.say("6000 characters")
        await reader.see(".file")
        async with reader.page.expect_download() as started:
            await reader.page.click(".file")
        download = await started.value

        content = await asyncio.to_thread((await download.path()).read_text, "utf-8")
        assert download.suggested_filename.endswith(".md")
        assert len(content.strip()) >= 5990


async def test_an_answer_that_was_cut_goes_on(tmp_path: Path, chromium: Browser) -> None:
    shutil.copytree(ROOT / "prompts", tmp_path / "prompts")
    short = "title: Short\nsystem: You are a bird.\nmodel:\n  max_tokens: 60\n"
    (tmp_path / "prompts/assistant.yaml").write_text(short, "utf-8")
    async with played(tmp_path, chromium, BEN) as (play, reader):
        await play.hurry()
        await reader.say("60 words")
        await reader.see(".pill", "cut by max_tokens")
        await reader.page.click(".inline-keys .key >> text=Continue")

        end = " ".join(answer_to(Heard("60 words")).split()[-4:])
        await reader.see("#list .row.theirs .text", end)


async def test_a_rich_answer_is_shown_as_one(tmp_path: Path, chromium: Browser) -> None:
    shutil.copytree(ROOT / "prompts", tmp_path / "prompts")
    rich = "title: Rich\nsystem: You are a bird.\nformat: rich\n"
    (tmp_path / "prompts/assistant.yaml").write_text(rich, "utf-8")
    async with played(tmp_path, chromium, BEN) as (play, reader):
        await play.hurry()
        await reader.say("a table")

        await reader.see("#list .rich td", "the message grows")


async def test_everybody_is_answered_in_a_topic_too(tmp_path: Path, chromium: Browser) -> None:
    async with played(tmp_path, chromium, ANNA) as (play, reader):
        await play.hurry()
        await reader.say("Кто ты?")
        await reader.see(ANSWER, "Я дублёр")

        await reader.open(TOPIC)
        await reader.page.click(".starter >> nth=0")
        await reader.see(ANSWER, "Explain inflation")
        await reader.page.click(".face >> nth=1")
        await reader.say("/ask and what of me?")
        await reader.see("[data-part=question] .said", "Ben: and what of me?")
        await reader.see("[data-part=history] .count", "1")


async def test_another_prompt_is_chosen_by_its_button_and_the_page_sees_it(
    tmp_path: Path, chromium: Browser
) -> None:
    async with played(tmp_path, chromium, BEN) as (play, reader):
        await play.hurry()
        await reader.say("/prompts")
        await reader.page.click(".inline-keys .key >> text=Cook")
        await reader.see("#list .row.theirs .text", "Cook")
        await reader.see(".inspector code", "prompts/cook.yaml")

        await reader.page.click(".inline-keys .key >> nth=0")
        await reader.see(".trace h3", "cook")
        assert await reader.page.input_value(".inspector select") == "cook"


async def test_an_answer_survives_a_reload_of_the_page(tmp_path: Path, chromium: Browser) -> None:
    async with played(tmp_path, chromium, BEN) as (_, reader):
        await reader.say("200 words")
        await reader.see(".row.growing")

        await reader.page.reload()
        frames = await frames_of(reader)

        assert len(frames) >= 2
        assert len(frames[-1].split()) >= 200


async def test_a_page_finds_the_bot_again_that_was_started_anew(tmp_path: Path, chromium: Browser) -> None:
    where = ("--port", str(free_port()), "--no-browser")
    async with playing(tmp_path, *where) as play, Reader(play.address, chromium) as reader:
        await play.hurry()
        await reader.open(BEN)
        await reader.say("Hello")
        await reader.see(ANSWER, "Hello")

        assert await play.stop() == 0
        await reader.see("#lost")
        async with playing(tmp_path, *where) as again:
            await again.hurry()
            await reader.miss("#lost")
            await reader.see(".nothing")
            await reader.say("Hello again")
            await reader.see(ANSWER, "Hello again")
