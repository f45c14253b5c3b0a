"""Text of Yandex's own models, at once: one cumulative line after another, or the last of them alone."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from aiohttp import web

from bot.sandbox.models.answers import Heard, answer_to, wished_fault
from bot.sandbox.models.call import Call, Route
from bot.sandbox.models.faults import Cut, Hang, LateError, Refuse, Shape
from bot.sandbox.models.pen import Manner, Pen
from bot.sandbox.models.request import CompletionRequest, check_texts
from bot.sandbox.models.transcript import transcript


async def complete(call: Call) -> web.StreamResponse:
    """Answer a dialogue."""
    asked = admitted(call)
    check_texts(asked, call.rules)
    call = replace(call, fault=call.fault or wished_fault(heard_in(asked).question))
    if isinstance(call.fault, Refuse):
        return call.refused(call.fault)
    with call.twin.generation("completion"):
        return await (_stream if asked.completion_options.stream else _whole)(call, asked)


def admitted(call: Call) -> CompletionRequest:
    """Return the request if the door opens: credentials, form, folder, model, in this order.

    Raises:
        Unacceptable: it stays shut.
    """
    call.enter()
    asked = call.parsed(CompletionRequest)
    call.models("gpt", call.rules.models).admitted(asked.model_uri, call.rules)
    return asked


def heard_in(asked: CompletionRequest) -> Heard:
    """Return what the stand-in answers about."""
    texts = [(line.role, line.text or "") for line in asked.messages]
    return replace(
        heard(texts),
        model=asked.model_uri.split("://", 1)[-1].partition("/")[2],
        temperature=asked.completion_options.temperature,
        max_tokens=asked.completion_options.max_tokens,
    )


def heard(texts: Sequence[tuple[str, str]]) -> Heard:
    """Return what was said, given as roles with texts."""
    questions = [text for role, text in texts if role == "user"]
    return Heard(
        question=questions[-1] if questions else "",
        system=next((text for role, text in texts if role == "system"), ""),
        earlier_turns=sum(role == "assistant" for role, _ in texts),
        turns=tuple(_turns(texts)),
    )


async def _stream(call: Call, asked: CompletionRequest) -> web.StreamResponse:
    pen = Pen(call.http, Manner(call.rules.content_type), call.fault)
    await _think(call, asked)
    for piece, line in enumerate(transcript(answer_to(heard_in(asked)), asked, call.fault)):
        if await pen.breaks_off(piece, line):
            return pen.response
        await asyncio.sleep(call.twin.pause_s(piece))
        await pen.write(line)
    await pen.finish()
    return pen.response


async def _whole(call: Call, asked: CompletionRequest) -> web.StreamResponse:
    """Answer at once and whole; faults of streams happen before it."""
    pen = Pen(call.http, Manner(), call.fault)
    lines = list(transcript(answer_to(heard_in(asked)), asked, call.fault))
    match call.fault:
        case LateError(_, status, message):
            return call.refused(Refuse(status, message))
        case Hang(after) | Cut(after) if await pen.breaks_off(after, lines[-1]):
            return pen.response
    await _think(call, asked)
    await asyncio.sleep(sum(map(call.twin.pause_s, range(len(lines)))))
    await pen.write(lines[-1])
    await pen.finish()
    return pen.response


async def _think(call: Call, asked: CompletionRequest) -> None:
    """Take the time that a hidden thought takes; the service says nothing meanwhile."""
    if asked.is_reasoning:
        await asyncio.sleep(call.twin.thinking_s)


def _turns(texts: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the questions that were answered, with their answers."""
    for (asker, question), (answerer, answer) in pairwise(texts):
        if (asker, answerer) == ("user", "assistant"):
            yield question, answer


ROUTES = (Route("/foundationModels/v1/completion", complete, "completion", Shape.STREAMING),)
