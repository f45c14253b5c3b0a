"""Events of the world and changes of the prompts become news of the page."""

import asyncio
import json
from typing import Any

import pytest

from bot.sandbox.page.bulletin import Bulletin
from bot.sandbox.page.news import event_news, pass_on_events, pass_on_prompts
from bot.sandbox.telegram.events import Event
from tests.tools.page_stage import BEN, BROKEN, Shelf, Stage, cover


@pytest.mark.parametrize(
    ("event", "news"),
    [
        (Event("message", 1, {"text": "a"}), {"kind": "message", "message": {"text": "a"}}),
        (Event("edited", 1, {"text": "a"}), {"kind": "message", "message": {"text": "a"}}),
        (Event("deleted", 1, {"message_id": 5}), {"kind": "deleted", "message_id": 5}),
        (
            Event("action", 1, {"action": "typing", "message_thread_id": 9}),
            {"kind": "action", "topic_id": 9, "action": "typing"},
        ),
        (Event("draft", 1, {"text": "a"}), {"kind": "draft", "draft": {"text": "a"}}),
        (Event("draft_gone", 1, {}), {"kind": "draft", "draft": None}),
        (Event("callback_answered", 1, {"text": "a"}), {"kind": "answered", "answer": {"text": "a"}}),
    ],
)
def test_what_can_be_seen_is_passed_on(event: Event, news: dict[str, Any]) -> None:
    assert event_news(event) == {"chat_id": 1, "topic_id": None, **news}


def test_what_cannot_be_seen_is_not() -> None:
    assert event_news(Event("status", 1, {"status": "kicked"})) is None


async def test_the_world_is_followed_until_the_page_closes() -> None:
    stage, bulletin = Stage(), Bulletin()
    following = asyncio.create_task(pass_on_events(stage.world, bulletin))
    await asyncio.sleep(0)

    with bulletin.listen() as news:
        stage.world.publish("status", BEN, {"status": "kicked"})
        stage.world.bot_sets_commands({"help": "what I can do"})
        stage.world.bot_says(BEN, "Hello")
        heard = [json.loads(await news.get() or "") for _ in range(2)]

    following.cancel()
    assert [each["kind"] for each in heard] == ["commands", "message"]
    assert heard[0]["commands"][0]["commands"] == [{"command": "help", "description": "what I can do"}]


async def test_a_changed_prompt_and_a_broken_one_are_told_once() -> None:
    shelf, bulletin, looks = Shelf(), Bulletin(), 0

    async def sleep(_: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 2:
            shelf.problems = (BROKEN,)
        if looks == 4:
            shelf.problems = ()
            shelf.prompts = [cover("poet", "Poet", "Поэт")]
        if looks == 6:
            raise asyncio.CancelledError

    with bulletin.listen() as news:
        with pytest.raises(asyncio.CancelledError):
            await pass_on_prompts(shelf, bulletin, sleep)
        heard = [json.loads(news.get_nowait() or "") for _ in range(news.qsize())]

    poet = {
        "name": "poet",
        "title": {"en": "Poet", "ru": "Поэт"},
        "description": {"en": "Poet!", "ru": "Поэт!"},
        "starters": {"en": [], "ru": []},
    }
    assert heard == [
        {"kind": "problems", "problems": ["prompts/assistant.yaml:4:3: unknown key 'temprature'"]},
        {"kind": "prompts", "prompts": [poet]},
        {"kind": "problems", "problems": []},
    ]
