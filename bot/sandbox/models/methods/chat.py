"""Text of all models, at once, in the OpenAI-compatible dialect: server-sent events, or one object."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from aiohttp import web

from bot.sandbox.models.answers import Heard, answer_to, thought_of, wished_fault
from bot.sandbox.models.call import Call, Route
from bot.sandbox.models.chat_request import ChatRequest
from bot.sandbox.models.chunks import Head, Script, chunks
from bot.sandbox.models.faults import Cut, Hang, LateError, Refuse, Shape
from bot.sandbox.models.methods.completion import heard
from bot.sandbox.models.pen import EVENTS, OBJECT, Pen
from bot.sandbox.models.rules import Unacceptable
from bot.sandbox.models.sight import Seen, seen
from bot.sandbox.models.uris import ModelUri

_HIDDEN_TOKENS = 48


async def chat(call: Call) -> web.StreamResponse:
    """Answer a dialogue."""
    call.enter()
    asked = call.parsed(ChatRequest)
    known = call.rules.models | call.rules.foreign_models
    uri = call.models("gpt", known).admitted(asked.model, call.rules)
    _check(call, asked, uri)
    listened = _heard(asked, uri, _looked_at(call, asked))
    call = replace(call, fault=call.fault or wished_fault(listened.question))
    if isinstance(call.fault, Refuse):
        return call.refused(call.fault)
    with call.twin.generation(call.record.method):
        return await _answered(call, asked, uri, listened)


def _check(call: Call, asked: ChatRequest, uri: ModelUri) -> None:
    """Let only dialogues pass that the model can read.

    Raises:
        Unacceptable: with the words of the service.
    """
    if not asked.messages or any(said.is_empty for said in asked.messages):
        raise Unacceptable(400, "empty message text")
    most = call.rules.context_tokens if uri.model in call.rules.models else call.rules.foreign_context_tokens
    if asked.input_tokens > most:
        raise Unacceptable(400, f"number of input tokens must be no more than {most}, got {asked.input_tokens}")
    if asked.pictures and uri.model not in call.rules.seeing_models:
        raise Unacceptable(call.rules.blind_status, f"{asked.model} is not a multimodal model")


def _looked_at(call: Call, asked: ChatRequest) -> Sequence[Seen]:
    """Return all pictures, those of the question last; raises `Unacceptable` if one cannot be seen."""
    return [seen(url, takes_links=call.rules.takes_picture_links) for url in asked.pictures]


def _heard(asked: ChatRequest, uri: ModelUri, looked_at: Sequence[Seen]) -> Heard:
    questions = [said for said in asked.messages if said.role == "user"]
    newest = len(questions[-1].pictures) if questions else 0
    return replace(
        heard([(said.role.replace("developer", "system"), said.text) for said in asked.messages]),
        model=f"{uri.model}/{uri.branch}",
        temperature=asked.temperature,
        max_tokens=asked.limit_tokens,
        pictures=tuple(looked_at[len(looked_at) - newest :]),
        earlier_pictures=len(looked_at) - newest,
    )


async def _answered(call: Call, asked: ChatRequest, uri: ModelUri, listened: Heard) -> web.StreamResponse:
    is_own = uri.model in call.rules.models
    tells_thoughts = not is_own and uri.model in call.rules.thinking_models
    thought = thought_of(listened) if tells_thoughts else ""
    told = Script.of(answer_to(listened), thought, asked, call.fault)
    is_hiding = asked.reasoning_effort is not None and not tells_thoughts
    told = replace(told, hidden_tokens=_HIDDEN_TOKENS if is_hiding else 0)
    head = Head.of(asked.model if is_own else uri.bare, call.twin.clock(), is_own=is_own)
    if is_hiding or tells_thoughts:
        await asyncio.sleep(call.twin.thinking_s)
    return await (_stream if asked.stream else _whole)(call, head, told)


async def _stream(call: Call, head: Head, told: Script) -> web.StreamResponse:
    pen = Pen(call.http, EVENTS, call.fault)
    pen.response.headers["Cache-Control"] = "no-cache"
    written = 0
    for piece, (said, tokens) in enumerate(chunks(head, told)):
        if await pen.breaks_off(piece, said):
            return pen.response
        await asyncio.sleep(sum(map(call.twin.pause_s, range(written, written + tokens))))
        written += tokens
        await pen.write(said)
    await pen.finish()
    return pen.response


async def _whole(call: Call, head: Head, told: Script) -> web.StreamResponse:
    """Answer at once and whole; faults of streams happen before it."""
    pen = Pen(call.http, OBJECT, call.fault)
    said = head.whole(told)
    match call.fault:
        case LateError(_, status, message):
            return call.refused(Refuse(status, message))
        case Hang(after) | Cut(after) if await pen.breaks_off(after, said):
            return pen.response
    written = len(told.thoughts) + len(told.pieces)
    await asyncio.sleep(sum(map(call.twin.pause_s, range(written))))
    await pen.write(said)
    await pen.finish()
    return pen.response


ROUTES = (Route("/v1/chat/completions", chat, "chat/completions", Shape.OPENAI),)
