"""What the page answers, to whom, and what it refuses."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from bot.sandbox.page.play import no_file
from bot.sandbox.page.routes import build_page
from bot.sandbox.telegram.params import Upload
from bot.sandbox.telegram.refusals import bad_request
from tests.tools.page_stage import ANNA, BEN, Stage, turn_trace

PNG = b"\x89PNG\r\n\x1a\n and so on"


@asynccontextmanager
async def opened(stage: Stage, *, heartbeat_s: float = 30) -> AsyncIterator[TestClient[Any, Any]]:
    async with TestClient(TestServer(build_page(stage.play, heartbeat_s=heartbeat_s))) as client:
        yield client


async def news(response: ClientResponse) -> dict[str, Any]:
    event = await response.content.readuntil(b"\n\n")
    told: dict[str, Any] = json.loads(event.partition(b"data: ")[2])
    return told


async def test_the_page_loads_nothing_from_outside_and_cannot_be_framed() -> None:
    async with opened(Stage()) as page:
        response = await page.get("/")

        policy = response.headers["Content-Security-Policy"]
        assert response.status == 200
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert response.headers["Cache-Control"] == "no-cache"


async def test_its_modules_are_served_as_scripts() -> None:
    async with opened(Stage()) as page:
        response = await page.get("/static/app.js")

        assert response.status == 200
        assert response.content_type in {"text/javascript", "application/javascript"}


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[broken"])
async def test_a_foreign_host_is_turned_away(host: str) -> None:
    async with opened(Stage()) as page:
        for path in ("/", "/state", "/events"):
            assert (await page.get(path, headers={"Host": host})).status == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", "null"])
async def test_another_page_cannot_drive_the_play(origin: str) -> None:
    stage = Stage()
    saying = {"chat_id": BEN, "user_id": BEN, "text": "Hello"}

    async with opened(stage) as page:
        response = await page.post("/say", json=saying, headers={"Origin": origin})

        assert response.status == 403
        assert stage.world.messages(BEN) == []


async def test_a_form_of_another_page_is_not_json() -> None:
    async with opened(Stage()) as page:
        response = await page.post("/say", data=b"{}", headers={"Content-Type": "text/plain"})

        assert response.status == 415


async def test_the_page_itself_may_speak() -> None:
    stage = Stage()

    async with opened(stage) as page:
        saying = {"chat_id": stage.group_id, "user_id": BEN, "text": "Hello", "topic_id": 11}
        response = await page.post("/say", json=saying, headers={"Origin": str(page.make_url("/")).rstrip("/")})

        assert response.status == 200
        said = (await response.json())["message"]
        assert (said["text"], said["message_thread_id"]) == ("Hello", 11)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/say", b"not json"),
        ("/say", b"[]"),
        ("/say", json.dumps({"chat_id": BEN, "user_id": BEN, "text": ""}).encode()),
        ("/say", json.dumps({"chat_id": BEN, "user_id": BEN, "text": "a", "by": "b"}).encode()),
        ("/press", json.dumps({"chat_id": BEN}).encode()),
        ("/photos", json.dumps({"chat_id": BEN, "user_id": BEN, "photos": []}).encode()),
        ("/photos", json.dumps({"chat_id": BEN, "user_id": BEN, "photos": ["abc"]}).encode()),
        ("/document", json.dumps({"chat_id": BEN, "user_id": BEN, "name": "a", "content": ""}).encode()),
        ("/document", json.dumps({"chat_id": BEN, "user_id": BEN, "name": "", "content": "YQ=="}).encode()),
        ("/edit", json.dumps({"chat_id": BEN, "user_id": BEN, "message_id": 1, "text": ""}).encode()),
        ("/pace", json.dumps({"tokens_per_second": 0}).encode()),
        ("/people", json.dumps({"first_name": "  ", "language_code": "en"}).encode()),
    ],
)
async def test_nonsense_is_refused(path: str, body: bytes) -> None:
    async with opened(Stage()) as page:
        response = await page.post(path, data=body, headers={"Content-Type": "application/json"})

        assert response.status == 400


@pytest.mark.parametrize(("chat_id", "user_id"), [(404, BEN), (ANNA, BEN)])
async def test_nobody_speaks_where_they_are_not(chat_id: int, user_id: int) -> None:
    async with opened(Stage()) as page:
        response = await page.post("/say", json={"chat_id": chat_id, "user_id": user_id, "text": "Hello"})

        assert response.status == 404


async def test_a_press_reaches_the_bot() -> None:
    stage = Stage()
    message_id = stage.world.bot_says(BEN, "Choose")
    press = {"chat_id": BEN, "user_id": BEN, "message_id": message_id, "data": "p:1"}

    async with opened(stage) as page:
        response = await page.post("/press", json=press)

        assert await response.json() == {"query_id": "query-1"}
        assert stage.world.presses == [(message_id, "p:1")]


async def test_people_change_what_they_said() -> None:
    stage = Stage()
    said = stage.world.say(BEN, BEN, "Helo")
    edit = {"chat_id": BEN, "user_id": BEN, "message_id": said["message_id"], "text": "Hello"}

    async with opened(stage) as page:
        response = await page.post("/edit", json=edit)

        assert (await response.json())["message"]["text"] == "Hello"
        assert stage.world.messages(BEN)[0]["text"] == "Hello"


async def test_nobody_changes_what_others_said() -> None:
    stage = Stage()
    theirs = stage.world.bot_says(BEN, "Hello")
    edit = {"chat_id": BEN, "user_id": BEN, "message_id": theirs, "text": "Bye"}

    async with opened(stage) as page:
        assert (await page.post("/edit", json=edit)).status == 404
        assert (await page.post("/edit", json={**edit, "user_id": ANNA})).status == 404
        assert stage.world.edited == []


async def test_a_press_on_what_has_gone_is_a_conflict() -> None:
    stage = Stage()
    press = {"chat_id": BEN, "user_id": BEN, "message_id": 404, "data": "p:1"}

    async with opened(stage) as page:
        assert (await page.post("/press", json=press)).status == 409


async def test_a_draft_can_be_stopped() -> None:
    stage = Stage()

    async with opened(stage) as page:
        await page.post("/stop-draft", json={"chat_id": BEN})

        assert stage.world.stopped_drafts == [(BEN, None)]


async def test_the_pace_of_the_stand_in_can_be_set() -> None:
    stage = Stage()

    async with opened(stage) as page:
        await page.post("/pace", json={"tokens_per_second": 55})

        assert stage.dial.tokens_per_second == 55
        assert (await (await page.get("/state")).json())["pace"] == 55


async def test_the_pace_of_a_real_model_cannot() -> None:
    async with opened(Stage(is_stand_in=False)) as page:
        assert (await page.post("/pace", json={"tokens_per_second": 55})).status == 409
        assert (await (await page.get("/state")).json())["pace"] is None


async def test_one_more_person_can_join() -> None:
    async with opened(Stage()) as page:
        joined = await (await page.post("/people", json={"first_name": " Eve ", "language_code": "en"})).json()

        state = await (await page.get("/state")).json()
        assert state["people"][-1]["first_name"] == "Eve"
        assert joined["user_id"] in [chat["chat_id"] for chat in state["chats"]]


async def test_the_state_holds_everything_there_is_to_see() -> None:
    stage = Stage()
    stage.world.bot_says(BEN, "Hello")
    stage.world.bot_drafts(BEN, "Half a")
    stage.inspector.turn_ended(turn_trace(BEN, 1))

    async with opened(stage) as page:
        state = await (await page.get("/state")).json()

        assert state["bot"]["username"] == "govorun_bot"
        assert [chat["title"] for chat in state["chats"]] == ["Аня", "Ben", "Кофейня"]
        assert state["chats"][1]["messages"][0]["text"] == "Hello"
        assert state["traces"][0]["question"] == "And a sparrow?"
        assert state["prompts"][0]["name"] == "assistant"
        assert [(each["chat_id"], each["draft"]["text"]) for each in state["drafts"]] == [(BEN, "Half a")]


async def test_a_page_gets_the_state_first_and_then_the_news() -> None:
    stage = Stage()

    async with opened(stage) as page, page.get("/events") as events:
        first = await news(events)
        stage.world.bot_says(BEN, "Hello")
        second = await news(events)
        stage.inspector.turn_ended(turn_trace(BEN, 1))
        third = await news(events)

        assert events.content_type == "text/event-stream"
        assert (first["kind"], second["kind"], third["kind"]) == ("state", "message", "trace")
        assert second["message"]["text"] == "Hello"


async def test_a_quiet_connection_beats_like_a_heart() -> None:
    async with opened(Stage(), heartbeat_s=0.01) as page, page.get("/events") as events:
        await news(events)

        assert await events.content.readline() == b":\n"


async def test_an_open_page_does_not_keep_the_server_from_closing() -> None:
    stage = Stage()

    async with opened(stage) as page:
        events = await page.get("/events")
        await news(events)

        async with asyncio.timeout(20):
            await page.server.close()
            assert await events.content.read() == b""


async def test_a_picture_is_shown_and_any_other_file_only_saved() -> None:
    contents = {
        "a-png": PNG,
        "a-jpeg": b"\xff\xd8\xff",
        "a-webp": b"RIFF----WEBP",
        "a-page": b"<script>alert(1)</script>",
    }

    def find(file_id: str) -> Upload:
        if file_id not in contents:
            raise bad_request("wrong file_id")
        return Upload(file_id, "text/html", contents[file_id])

    async with opened(Stage(files=find)) as page:
        answers = [await page.get(f"/files/{file_id}") for file_id in contents]

        types = [answer.content_type for answer in answers]
        assert types == ["image/png", "image/jpeg", "image/webp", "application/octet-stream"]
        assert await answers[0].read() == PNG
        assert ["Content-Disposition" in answer.headers for answer in answers] == [False, False, False, True]
        assert all("immutable" in answer.headers["Cache-Control"] for answer in answers)
        assert (await page.get("/files/none")).status == 404


async def test_without_files_there_are_none() -> None:
    async with opened(Stage(files=no_file)) as page:
        assert (await page.get("/files/any")).status == 404


async def test_the_prompt_of_a_topic_can_be_asked_for() -> None:
    stage = Stage()
    stage.shelf.chosen[stage.group_id, 11] = "translator"

    async with opened(stage) as page:
        topic = await page.get("/prompt", params={"chat_id": stage.group_id, "topic_id": 11})
        whole = await page.get("/prompt", params={"chat_id": stage.group_id})

        assert (await topic.json(), await whole.json()) == ({"name": "translator"}, {"name": "assistant"})


@pytest.mark.parametrize(("query", "status"), [({}, 400), ({"chat_id": "x"}, 400), ({"chat_id": 404}, 404)])
async def test_a_chat_that_is_none_has_no_prompt(query: dict[str, Any], status: int) -> None:
    async with opened(Stage()) as page:
        assert (await page.get("/prompt", params=query)).status == status


async def test_a_memory_that_is_away_is_told() -> None:
    stage = Stage()
    stage.shelf.is_away = True

    async with opened(stage) as page:
        assert (await page.get("/prompt", params={"chat_id": BEN})).status == 503
