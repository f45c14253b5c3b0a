"""The addresses of the page: its files, what can be seen now, what happens next, and what people do.

Every request passes the guard first; bodies are checked before the play hears of them.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypedDict, TypeVar

from aiohttp import web
from pydantic import ValidationError

from bot.errors import StoreError
from bot.sandbox.page.bodies import (
    Body,
    Document,
    DraftStop,
    Edit,
    Newcomer,
    NewPace,
    Photos,
    Press,
    Saying,
    Shipment,
    Spot,
)
from bot.sandbox.page.bulletin import Bulletin
from bot.sandbox.page.guard import add_headers, guard
from bot.sandbox.page.news import pass_on_events, pass_on_prompts
from bot.sandbox.page.play import Play
from bot.sandbox.telegram.params import Upload
from bot.sandbox.telegram.refusals import Refusal
from bot.types import mime_type_of

STATIC = Path(__file__).parent / "static"
HEARTBEAT_S = 15.0
BODY_BYTES = 64 << 20
"""The largest request: a file of 48 MB in Base64."""
RETRY_MS = 700
"""After how long a page that has lost its connection tries again."""

B = TypeVar("B", bound=Body)


class _Below(TypedDict):
    """What belongs to anything that is sent."""

    caption: str
    topic_id: int | None
    reply_to: int | None


def build_page(play: Play, *, heartbeat_s: float = HEARTBEAT_S) -> web.Application:
    """Return the application of the page; it follows the play from its start to its clean-up."""
    page = _Page(play, heartbeat_s)
    app = web.Application(middlewares=[guard], client_max_size=BODY_BYTES)
    app.on_response_prepare.append(add_headers)
    app.cleanup_ctx.append(page.follow_the_play)
    app.on_shutdown.append(page.say_goodbye)
    app.router.add_routes(page.routes())
    return app


class _Page:
    """The handlers, and what they share: the play and the bulletin of its news."""

    def __init__(self, play: Play, heartbeat_s: float) -> None:
        self._play = play
        self._heartbeat_s = heartbeat_s
        self._bulletin = Bulletin()
        play.inspector.listen(lambda trace: self._bulletin.publish("trace", trace=trace))

    def routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.get("/", self._index),
            web.static("/static", STATIC),
            web.get("/state", self._state),
            web.get("/events", self._events),
            web.get("/prompt", self._prompt),
            web.get("/files/{file_id}", self._file),
            web.post("/say", self._say),
            web.post("/photos", self._send_photos),
            web.post("/document", self._send_document),
            web.post("/edit", self._edit),
            web.post("/press", self._press),
            web.post("/stop-draft", self._stop_draft),
            web.post("/pace", self._set_pace),
            web.post("/people", self._add_person),
        ]

    async def follow_the_play(self, _app: web.Application) -> AsyncIterator[None]:
        followers = [
            asyncio.create_task(pass_on_events(self._play.world, self._bulletin)),
            asyncio.create_task(pass_on_prompts(self._play.shelf, self._bulletin)),
        ]
        yield
        for follower in followers:
            follower.cancel()
            with suppress(asyncio.CancelledError):
                await follower

    async def say_goodbye(self, _app: web.Application) -> None:
        self._bulletin.close()

    # What can be seen.

    async def _index(self, _request: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / "index.html")

    async def _state(self, _request: web.Request) -> web.Response:
        return web.json_response(self._play.snapshot())

    async def _prompt(self, request: web.Request) -> web.Response:
        spot = _valid(lambda: Spot.model_validate(dict(request.query)))
        self._check_place(spot.chat_id)
        try:
            name = await self._play.shelf.prompt_of(spot.chat_id, spot.topic_id)
        except StoreError as error:
            raise web.HTTPServiceUnavailable(text="The bot cannot remember that now.") from error
        return web.json_response({"name": name})

    async def _file(self, request: web.Request) -> web.Response:
        try:
            upload = self._play.files(request.match_info["file_id"])
        except Refusal as refusal:
            raise web.HTTPNotFound(text="There is no such file.") from refusal
        kind = _content_type(upload.content)
        headers = {"Cache-Control": "private, max-age=86400, immutable"}
        if not kind.startswith("image/"):
            headers["Content-Disposition"] = "attachment"
        return web.Response(body=upload.content, content_type=kind, headers=headers)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        with self._bulletin.listen() as news:
            await response.prepare(request)
            first = web.json_response({"kind": "state", **self._play.snapshot()}).text
            await response.write(f"retry: {RETRY_MS}\ndata: {first}\n\n".encode())
            await self._tell(response, news)
        return response

    async def _tell(self, response: web.StreamResponse, news: asyncio.Queue[str | None]) -> None:
        with suppress(ConnectionError):
            while True:
                try:
                    line = await asyncio.wait_for(news.get(), self._heartbeat_s)
                except TimeoutError:
                    await response.write(b":\n\n")
                    continue
                if line is None:
                    return
                await response.write(f"data: {line}\n\n".encode())

    # What people do.

    async def _say(self, request: web.Request) -> web.Response:
        saying = await _body(request, Saying)
        self._check_place(saying.chat_id, saying.user_id)
        with _possible():
            message = self._play.world.say(
                saying.chat_id, saying.user_id, saying.text, topic_id=saying.topic_id, reply_to=saying.reply_to
            )
        return web.json_response({"message": message})

    async def _send_photos(self, request: web.Request) -> web.Response:
        parcel = await _body(request, Photos)
        self._check_place(parcel.chat_id, parcel.user_id)
        with _possible():
            messages = self._play.world.send_album(
                parcel.chat_id, parcel.user_id, parcel.photos, **_below(parcel)
            )
        return web.json_response({"messages": messages})

    async def _send_document(self, request: web.Request) -> web.Response:
        parcel = await _body(request, Document)
        self._check_place(parcel.chat_id, parcel.user_id)
        upload = Upload(parcel.name, parcel.mime_type, parcel.content)
        with _possible():
            message = self._play.world.send_document(parcel.chat_id, parcel.user_id, upload, **_below(parcel))
        return web.json_response({"messages": [message]})

    async def _edit(self, request: web.Request) -> web.Response:
        edit = await _body(request, Edit)
        self._check_place(edit.chat_id, edit.user_id)
        own = (each for each in self._play.world.messages(edit.chat_id) if each["from"]["id"] == edit.user_id)
        if edit.message_id not in {each["message_id"] for each in own}:
            raise web.HTTPNotFound(text="There is no such message of this person.")
        with _possible():
            message = self._play.world.edit(edit.chat_id, edit.message_id, edit.text)
        return web.json_response({"message": message})

    async def _press(self, request: web.Request) -> web.Response:
        press = await _body(request, Press)
        self._check_place(press.chat_id, press.user_id)
        with _possible():
            query_id = self._play.world.press(press.chat_id, press.user_id, press.message_id, press.data)
        return web.json_response({"query_id": query_id})

    async def _stop_draft(self, request: web.Request) -> web.Response:
        stop = await _body(request, DraftStop)
        self._check_place(stop.chat_id)
        with _possible():
            self._play.world.stop_draft(stop.chat_id, stop.topic_id)
        return web.json_response({})

    async def _set_pace(self, request: web.Request) -> web.Response:
        pace = await _body(request, NewPace)
        if self._play.pace is None:
            raise web.HTTPConflict(text="A real model writes as fast as it can.")
        self._play.pace.write(pace.tokens_per_second)
        self._bulletin.publish("pace", pace=self._play.pace.read())
        return web.json_response({})

    async def _add_person(self, request: web.Request) -> web.Response:
        newcomer = await _body(request, Newcomer)
        person = self._play.cast.add_person(self._play.world, newcomer.first_name, newcomer.language_code)
        self._bulletin.publish("cast", **self._play.cast.as_json())
        return web.json_response({"user_id": person.user_id})

    def _check_place(self, chat_id: int, user_id: int | None = None) -> None:
        chat = next((chat for chat in self._play.cast.chats if chat.chat_id == chat_id), None)
        if chat is None or (user_id is not None and user_id not in chat.members):
            raise web.HTTPNotFound(text="There is no such chat, or this person is not in it.")


def _below(parcel: Shipment) -> _Below:
    return {"caption": parcel.caption, "topic_id": parcel.topic_id, "reply_to": parcel.reply_to}


def _content_type(content: bytes) -> str:
    """Name pictures only: nothing that anybody sends may run as a page."""
    return mime_type_of(content) or "application/octet-stream"


@contextmanager
def _possible() -> Iterator[None]:
    """Answer 409 to what nobody could do in a real chat, such as pressing a button that has just gone."""
    try:
        yield
    except (LookupError, ValueError) as error:
        raise web.HTTPConflict(text=f"Nobody can do that now: {error}") from error


async def _body(request: web.Request, kind: type[B]) -> B:
    body = await request.read()
    return _valid(lambda: kind.model_validate_json(body))


def _valid(read: Callable[[], B]) -> B:
    """Answer 400 to what is not as it should be, and say why."""
    try:
        return read()
    except ValidationError as error:
        reasons = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise web.HTTPBadRequest(text="; ".join(reasons)) from error
