"""Looks at what was ordered. Giving up is a GET too, as the service has it."""

from aiohttp import web

from bot.sandbox.models.call import Call, Route
from bot.sandbox.models.operations import Operation

_PATH = "/operations/{operation_id:[^/:]+}"


async def look(call: Call) -> web.StreamResponse:
    """Show how an operation stands."""
    operation = _known(call)
    if operation is None:
        return call.refused(call.rules.unknown_operation)
    return await call.answered(lambda: operation.told(call.twin.clock()))


async def cancel(call: Call) -> web.StreamResponse:
    """Give an operation up, if the rules let it, and show how it stands."""
    operation = _known(call)
    if operation is None:
        return call.refused(call.rules.unknown_operation)
    if call.rules.is_cancel_heeded:
        operation.cancel(call.twin.clock())
    return await call.answered(lambda: operation.told(call.twin.clock()))


def _known(call: Call) -> Operation | None:
    call.enter()
    return call.twin.operations.look(call.http.match_info["operation_id"], call.twin.clock())


ROUTES = (
    Route(_PATH, look, "operations", verb="GET"),
    Route(f"{_PATH}:cancel", cancel, "operations:cancel", verb="GET"),
)
