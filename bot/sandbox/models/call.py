"""One call of a method: what it has of the twin, of the request, and of what shall go wrong with it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.sandbox.models.faults import Cut, Hang, LateError, Mishap, Refuse, Shape
from bot.sandbox.models.pen import OBJECT, Pen
from bot.sandbox.models.refusals import refusal
from bot.sandbox.models.request import Body, parsed
from bot.sandbox.models.rules import Rules
from bot.sandbox.models.twin import ModelsTwin, RecordedRequest
from bot.sandbox.models.uris import Models, check_folder

_OPENAI_SHAPES = (Shape.OPENAI, Shape.BARE)


@dataclass(frozen=True, slots=True)
class Call:
    """A request on its way through a method."""

    twin: ModelsTwin
    http: web.Request
    record: RecordedRequest
    shape: Shape
    """Of the method's refusals."""
    fault: Mishap | None = None

    @property
    def rules(self) -> Rules:
        """Those of the twin, as they are now."""
        return self.twin.rules

    @property
    def is_openai(self) -> bool:
        """Whether the method is one of the OpenAI-compatible ones."""
        return self.shape in _OPENAI_SHAPES

    def enter(self) -> None:
        """Open the door: credentials, then rates.

        Raises:
            Unacceptable: it stays shut.
        """
        authorization = self.record.headers.get("Authorization", "")
        self.twin.check_credentials(authorization, is_openai=self.is_openai)
        self.twin.check_rates(self.record.method)

    def parsed(self, kind: type[Body]) -> Body:
        """Return the body as far as its form goes, for the folder that the headers name.

        Raises:
            Unacceptable: the form is wrong, or it is another's folder.
        """
        asked = parsed(self.record.body, kind, is_strict=self.rules.is_strict and not self.is_openai)
        self.check_folder()
        return asked

    def check_folder(self) -> None:
        """Let only the operator's folder pass, if the headers name one; raises `Unacceptable`."""
        for header in ("x-folder-id", "OpenAI-Project"):
            check_folder(self.record.headers.get(header, self.twin.folder_id), self.twin.folder_id)

    def models(self, scheme: str, known: frozenset[str]) -> Models:
        """Return the models of one kind as this folder sees them."""
        return Models(scheme, known, self.twin.folder_id)

    def refused(self, refuse: Refuse) -> web.Response:
        """Return a refusal in the shape of the method."""
        own = self.rules.openai_shapes.get(refuse.status, self.shape) if self.is_openai else self.shape
        return refusal(refuse, own)

    async def answered(self, made: Callable[[], dict[str, Any]]) -> web.StreamResponse:
        """Do what is asked and answer with one object.

        A fault before the first piece strikes before anything is done, another one when only the answer is
        missing.
        """
        match self.fault:
            case Cut(0) | Hang(0):
                return await self.told({})
            case LateError(0, status, message):
                return self.refused(Refuse(status, message))
        said = made()
        if isinstance(self.fault, LateError):
            return self.refused(Refuse(self.fault.status, self.fault.message))
        return await self.told(said)

    async def told(self, said: dict[str, Any]) -> web.StreamResponse:
        """Answer with one object, however it is framed today."""
        pen = Pen(self.http, OBJECT, self.fault)
        match self.fault:
            case Hang(after) | Cut(after) if await pen.breaks_off(after, said):
                return pen.response
        await pen.write(said)
        await pen.finish()
        return pen.response


Method = Callable[[Call], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """Where a method is found and by which name it is recorded."""

    path: str
    method: Method
    name: str
    shape: Shape = Shape.UNARY
    verb: str = "POST"
