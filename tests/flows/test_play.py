"""`play` without a browser: what it needs to start, which model it takes, and how it is stopped."""

import asyncio
import errno
import json
import os
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.sandbox.models.server import ModelsServer
from bot.sandbox.models.twin import ModelsTwin
from tests.tools.command import ended
from tests.tools.page_stage import BEN
from tests.tools.playing import playing

NOBODYS_SCREEN = {"DISPLAY": "", "WAYLAND_DISPLAY": ""}


@asynccontextmanager
async def news_of(address: str) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    """What the page would hear, the state first."""

    async def heard() -> AsyncIterator[dict[str, Any]]:
        while True:
            event = await response.content.readuntil(b"\n\n")
            if b"data: " in event:
                yield json.loads(event.partition(b"data: ")[2])

    async with ClientSession(address, read_bufsize=2**22) as session, session.get("/events") as response:
        yield heard()


async def say(address: str, text: str) -> None:
    saying = {"chat_id": BEN, "user_id": BEN, "text": text}
    async with ClientSession(address) as session, session.post("/say", json=saying) as response:
        assert response.status == 200


async def turn(address: str, text: str) -> tuple[list[str], dict[str, Any]]:
    """Say something; return all that the answer showed, one after another, and its trace."""
    frames: list[str] = []
    async with news_of(address) as news:
        await anext(news)
        await say(address, text)
        async for each in news:
            if each["kind"] == "trace":
                return frames, each["trace"]
            if each["kind"] == "message" and each["message"]["from"]["is_bot"]:
                frames.append(each["message"]["text"])
    raise AssertionError("the news ended")


async def state(address: str) -> dict[str, Any]:
    async with ClientSession(address) as session, session.get("/state") as response:
        seen: dict[str, Any] = await response.json()
        return seen


async def test_nothing_has_to_be_set_for_the_first_answer(tmp_path: Path) -> None:
    async with playing(tmp_path, is_cold=True) as play:
        frames, trace = await turn(play.address, "200 words, please")
        seen = await state(play.address)
        code = await play.stop()

    assert len(frames) >= 4
    assert all(len(text) > len(before) for before, text in pairwise(frames))
    assert len(frames[-1].split()) >= 200
    assert "Ben" in trace["system"]
    assert trace["usage"]["completion_tokens"] > 100
    assert seen["pace"] == pytest.approx(50)
    assert seen["folder"] == "prompts"
    assert code == 0
    assert os.listdir(tmp_path) == ["prompts"]  # noqa: PTH208 - an async test, and pathlib's listing blocks no less


async def test_the_page_has_the_menu_in_both_languages_and_the_default_prompt(tmp_path: Path) -> None:
    async with playing(tmp_path) as play:
        first = (await state(play.address))["prompts"][0]
        async with (
            ClientSession(play.address) as session,
            session.get("/prompt", params={"chat_id": BEN}) as asked,
        ):
            answers = await asked.json()

    assert first["name"] == answers["name"] == "assistant"
    assert first["title"] == {"en": "Assistant", "ru": "Помощник"}
    assert len(first["starters"]["en"]) == len(first["starters"]["ru"]) == 3


async def test_with_settings_of_the_service_the_real_model_answers_as_fast_as_it_can(tmp_path: Path) -> None:
    service = ModelsTwin(api_key="real-key", folder_id="real-folder", first_token_s=0.01, token_s=0.001)
    async with ModelsServer(service) as server:
        env = {
            "YANDEX__FOLDER_ID": "real-folder",
            "YANDEX__API_KEY": "real-key",
            "YANDEX__API_URL": server.url,
            "YANDEX__MODEL": "yandexgpt-lite",
        }
        async with playing(tmp_path, env=env) as play:
            _, trace = await turn(play.address, "Hello")
            seen = await state(play.address)
            async with (
                ClientSession(play.address) as session,
                session.post("/pace", json={"tokens_per_second": 9}) as paced,
            ):
                assert paced.status == 409

    assert [request.method for request in service.requests] == ["completion"]
    assert service.requests[0].body["modelUri"].startswith("gpt://real-folder/yandexgpt-lite")
    assert trace["outcome"] == "complete"
    assert (seen["pace"], seen["model"]) == (None, "yandexgpt-lite")
    assert any("the real model" in line for line in play.told)


async def test_a_port_that_is_taken_is_told_in_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        code, _, told = await ended("play", "--port", str(port), "--no-browser")

    assert code == 2
    assert told.strip().splitlines() == [
        f"--port {port}: {os.strerror(errno.EADDRINUSE)}; name another one, or 0 for any that is free"
    ]


async def test_a_port_that_cannot_be_is_told_too() -> None:
    code, _, told = await ended("play", "--port", "99999", "--no-browser")

    assert code == 2
    assert told.startswith("--port 99999: there is no such port")


async def test_a_mistake_in_a_prompt_is_told_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "assistant.yaml").write_text("sistem: Hi", "utf-8")

    code, _, told = await ended("play", "--port", "0", "--no-browser", cwd=tmp_path)

    assert code == 2
    assert "assistant.yaml:1:1" in told


@pytest.mark.parametrize(("screen", "is_opened"), [(":0", True), ("", False)])
async def test_a_browser_is_sent_to_the_page_where_there_is_a_screen(
    tmp_path: Path, screen: str, *, is_opened: bool
) -> None:
    visited, browser = tmp_path / "visited", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{visited}"\n', "utf-8")
    browser.chmod(browser.stat().st_mode | stat.S_IXUSR)
    env = {**NOBODYS_SCREEN, "DISPLAY": screen, "BROWSER": f"{browser} %s"}

    async with playing(tmp_path, "--port", "0", env=env) as play:
        await play.hurry()
        await turn(play.address, "Hello")

        assert visited.exists() is is_opened
        if is_opened:
            assert visited.read_text("utf-8").strip() == play.address


async def test_being_stopped_does_not_wait_for_a_page_that_is_open(tmp_path: Path) -> None:
    async with playing(tmp_path) as play, news_of(play.address) as news:
        await anext(news)

        async with asyncio.timeout(20):
            assert await play.stop() == 0
