"""The page over the real Telegram twin: the same Bot API shapes on both sides."""

import base64
import json
from io import BytesIO
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from bot.sandbox.page.cast import default_cast
from bot.sandbox.page.inspector import Inspector
from bot.sandbox.page.play import Play
from bot.sandbox.page.routes import BODY_BYTES, build_page
from bot.sandbox.telegram.params import Params, Upload
from bot.sandbox.telegram.world import TelegramWorld
from tests.tools.page_stage import BEN, Shelf
from tests.tools.photos import picture

CAT, DOG = picture(640, 480, colour="grey"), picture(64, 48, kind="PNG")
STOP = {"inline_keyboard": [[{"text": "Stop", "callback_data": "stop:1"}]]}


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


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


async def test_photos_and_files_of_people_reach_the_twin() -> None:
    twin = Twin()
    where = {"chat_id": BEN, "user_id": BEN}

    async with twin.client as page:
        album = await page.post(
            "/photos", json={**where, "caption": "Who?", "photos": [encoded(CAT), encoded(DOG)]}
        )
        cat, dog = (await album.json())["messages"]
        reply = {"reply_to": dog["message_id"], "name": "a.txt", "content": encoded(b"a")}
        document = await page.post("/document", json={**where, **reply})
        (note,) = (await document.json())["messages"]

        assert [twin.world.attached(message).content for message in (cat, dog, note)] == [CAT, DOG, b"a"]
        assert (cat["caption"], cat["media_group_id"]) == ("Who?", dog["media_group_id"])
        assert (note["document"]["mime_type"], note["reply_to_message"]["message_id"]) == ("text/plain", 2)
        largest = cat["photo"][-1]["file_id"]
        assert await (await page.get(f"/files/{largest}")).read() == CAT
        assert len(twin.world.state.updates) == 3


@pytest.mark.parametrize(
    ("content", "status"),
    [(encoded(bytes(21 << 20)), 200), ("A" * (BODY_BYTES + 4), 413)],
    ids=["large", "endless"],
)
async def test_a_file_may_be_large_but_not_endless(content: str, status: int) -> None:
    twin = Twin()
    body = json.dumps({"chat_id": BEN, "user_id": BEN, "name": "a.bin", "content": content}).encode()

    async with twin.client as page:
        headers = {"Content-Type": "application/json"}
        answer = await page.post("/document", data=BytesIO(body), headers=headers)

        assert answer.status == status


async def test_what_is_impossible_in_the_twin_is_a_conflict() -> None:
    twin = Twin()

    async with twin.client as page:
        stop = await page.post("/stop-draft", json={"chat_id": BEN})
        press = {"chat_id": BEN, "user_id": BEN, "message_id": 404, "data": "p"}

        assert stop.status == 409
        assert (await page.post("/press", json=press)).status == 409
        no_photo = {"chat_id": BEN, "user_id": BEN, "photos": [encoded(b"hello")]}
        assert (await page.post("/photos", json=no_photo)).status == 409


async def test_a_newcomer_talks_with_the_bot_at_once() -> None:
    twin = Twin()

    async with twin.client as page:
        joined = await (await page.post("/people", json={"first_name": "Eve", "language_code": "en"})).json()
        user_id = joined["user_id"]
        said = await page.post("/say", json={"chat_id": user_id, "user_id": user_id, "text": "Hello"})

        assert said.status == 200
        assert twin.world.messages(user_id)[0]["from"]["first_name"] == "Eve"
