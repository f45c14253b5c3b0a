"""Text for later and cheaper: the order is answered at once, the answer waits in an operation."""

from dataclasses import replace
from typing import Any

from aiohttp import web

from bot.sandbox.models.answers import answer_to, wished_fault
from bot.sandbox.models.call import Call, Route
from bot.sandbox.models.faults import Fail, Fault, Hang, LateError, Mishap, Refuse, Take
from bot.sandbox.models.methods.completion import admitted, heard_in
from bot.sandbox.models.operations import Kind
from bot.sandbox.models.request import CompletionRequest, check_texts
from bot.sandbox.models.rules import Unacceptable
from bot.sandbox.models.transcript import transcript


async def order_completion(call: Call) -> web.StreamResponse:
    """Take the order for an answer."""
    asked = admitted(call)
    check_texts(asked, call.rules)
    if asked.completion_options.stream:
        raise Unacceptable(400, "streaming is not supported in asynchronous mode")
    call = replace(call, fault=call.fault or in_operations(wished_fault(heard_in(asked).question)))
    if isinstance(call.fault, Refuse):
        return call.refused(call.fault)
    return await call.answered(lambda: _begun(call, asked))


def in_operations(wished: Fault | None) -> Mishap | None:
    """Return what somebody means who asks to see an error in the middle of what has no middle."""
    match wished:
        case Hang():
            return Take()
        case LateError(_, _, message):
            return Fail(14, message)
    return wished


def _begun(call: Call, asked: CompletionRequest) -> dict[str, Any]:
    def made() -> dict[str, Any]:
        return list(transcript(answer_to(heard_in(asked)), asked, call.fault))[-1]

    operation = call.twin.begin(Kind.TEXT, made, call.record.body, call.fault)
    return operation.told(call.twin.clock())


ROUTES = (Route("/foundationModels/v1/completionAsync", order_completion, "completionAsync"),)
