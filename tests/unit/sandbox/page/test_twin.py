"""The page over the real Telegram twin: the same Bot API shapes on both sides."""

import json
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from bot.sandbox.page.cast import default_cast
from bot.sandbox.page.inspector import Inspector
from bot.sandbox.page.play import Play
from bot.sandbox.page.routes import build_page
from bot.sandbox.telegram.params import Params, Upload
from bot.sandbox.telegram.world import TelegramWorld
from tests.tools.page_stage import BEN, Shelf

STOP = {"inline_keyboard": [[{"text": "Stop", "callback_data": "stop:1"}]]}


class Twin:
    """A page over a world of the twin, and the bot's calls by name."""

    def __init__(self) -> None:
        self.cast = default_cast()
        self.world = TelegramWorld(token=f"{self.cast.bot.user_id}:token", bot=self.cast.bot)
        self.cast.enter(self.world)
        play = Play(self.world, self.cast, Inspector(), Shelf(), files=self.world.file)
        self.client: TestClient[Any, Any] = TestClient(TestServer(build_page(play)))

    async def call(self, method: str, **params: Any) -> Any:
        answer = await self.world.call(method, Params(params))
        assert answer.envelope["ok"], answer.envelope
        return answer.envelope["result"]


async def news(response: ClientResponse) -> dict[str, Any]:
    event = await response.content.readuntil(b"\n\n")
    told: dict[str, Any] = json.loads(event.partition(b"data: ")[2])
    return told


async def test_the_twin_fits_the_page() -> None:
    twin = Twin()

    async with twin.client as page, page.get("/events") as events:
        state = await news(events)
        said = await page.post("/say", json={"chat_id": BEN, "user_id": BEN, "text": "Hello"})
        mine = await news(events)
        sent = await twin.call("sendMessage", chat_id=BEN, text="Well", reply_markup=STOP)
        theirs = await news(events)
        await twin.call("editMessageText", chat_id=BEN, message_id=sent["message_id"], text="Well, well")
        grown = await news(events)

    assert said.status == 200
    assert [chat["title"] for chat in state["chats"]] == ["Аня", "Ben", "Кофейня"]
    assert mine["message"]["from"]["id"] == BEN
    assert theirs["message"]["reply_markup"] == STOP
    assert (grown["kind"], grown["message"]["text"]) == ("message", "Well, well")
    assert grown["message"]["from"]["is_bot"]


async def test_presses_drafts_and_commands_of_the_twin_are_told() -> None:
    twin = Twin()

    async with twin.client as page, page.get("/events") as events:
        await news(events)
        sent = await twin.call("sendMessage", chat_id=BEN, text="Well", reply_markup=STOP)
        press = {"chat_id": BEN, "user_id": BEN, "message_id": sent["message_id"], "data": "stop:1"}
        pressed = await (await page.post("/press", json=press)).json()
        await twin.call("answerCallbackQuery", callback_query_id=pressed["query_id"], text="Stopped")
        await twin.call("sendChatAction", chat_id=BEN, action="typing")
        await twin.call("sendMessageDraft", chat_id=BEN, draft_id=7, text="Half", can_stop="true")
        stopped = await page.post("/stop-draft", json={"chat_id": BEN})
        await twin.call("setMyCommands", commands=[{"command": "help", "description": "help"}])
        told = [await news(events) for _ in range(6)]

    assert stopped.status == 200
    assert [each["kind"] for each in told] == ["message", "answered", "action", "draft", "draft", "commands"]
    assert told[1]["answer"]["callback_query_id"] == pressed["query_id"]
    assert told[3]["draft"]["can_stop"]
    assert told[4]["draft"] is None
    assert told[5]["commands"][0]["scope"] == "default"


async def test_edits_files_and_rich_drafts_of_the_twin_fit_too() -> None:
    twin = Twin()
    upload = Upload("answer.md", "text/markdown", b"# Answer")

    async with twin.client as page:
        said = twin.world.say(BEN, BEN, "Helo")
        edit = {"chat_id": BEN, "user_id": BEN, "message_id": said["message_id"], "text": "Hello"}
        edited = await page.post("/edit", json=edit)
        emptied = await page.post("/edit", json={**edit, "text": " "})
        answer = await twin.world.call("sendDocument", Params({"chat_id": BEN}, {"document": upload}))
        document = answer.envelope["result"]["document"]
        file = await page.get(f"/files/{document['file_id']}")
        await twin.call("sendRichMessageDraft", chat_id=BEN, draft_id=7, rich_message={"markdown": "# A"})
        state = await (await page.get("/state")).json()

        assert (edited.status, emptied.status) == (200, 409)
        assert await file.read() == b"# Answer"
        assert (document["file_name"], document["file_size"]) == ("answer.md", 8)
        assert state["drafts"][0]["draft"]["rich_message"]["blocks"][0]["type"] == "heading"


async def test_what_is_impossible_in_the_twin_is_a_conflict() -> None:
    twin = Twin()

    async with twin.client as page:
        stop = await page.post("/stop-draft", json={"chat_id": BEN})
        press = {"chat_id": BEN, "user_id": BEN, "message_id": 404, "data": "p"}

        assert stop.status == 409
        assert (await page.post("/press", json=press)).status == 409


async def test_a_newcomer_talks_with_the_bot_at_once() -> None:
    twin = Twin()

    async with twin.client as page:
        joined = await (await page.post("/people", json={"first_name": "Eve", "language_code": "en"})).json()
        user_id = joined["user_id"]
        said = await page.post("/say", json={"chat_id": user_id, "user_id": user_id, "text": "Hello"})

        assert said.status == 200
        assert twin.world.messages(user_id)[0]["from"]["first_name"] == "Eve"
