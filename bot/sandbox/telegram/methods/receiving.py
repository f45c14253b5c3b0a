"""How updates reach the bot, and how it leaves."""

from typing import Any

from bot.sandbox.telegram.answers import Explained
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.polling import WEBHOOK_ACTIVE, WEBHOOK_SET
from bot.sandbox.telegram.refusals import too_many_requests
from bot.sandbox.telegram.state import State
from bot.sandbox.telegram.webhook import Address


async def get_updates(state: State, params: Params) -> list[dict[str, Any]]:
    """Poll."""
    if state.webhook.address.url:
        raise await state.polling.conflict(WEBHOOK_ACTIVE)
    return await state.polling.updates(params)


def set_webhook(state: State, params: Params) -> Explained:
    """Deliver updates to an address; an empty one ends that."""
    address = Address.of_call(params)
    if address.url and not state.webhook.may_move():
        raise too_many_requests(1)
    state.updates.allow(params.nested("allowed_updates", "allowed updates"))
    if address.url:
        state.polling.interrupt(WEBHOOK_SET)
    return _move(state, params, address)


def delete_webhook(state: State, params: Params) -> Explained:
    """Go back to polling."""
    return _move(state, params, Address())


def _move(state: State, params: Params, address: Address) -> Explained:
    is_change = address != state.webhook.address
    if params.flag("drop_pending_updates"):
        state.updates.clear()
    if is_change:
        state.webhook.move(address)
    what = "set" if address.url else "deleted"
    return Explained(True, f"Webhook was {what}" if is_change else f"Webhook is already {what}")  # noqa: FBT003 - the result


def get_webhook_info(state: State, _: Params) -> dict[str, Any]:
    """Tell where updates go and how that works."""
    kinds = state.webhook.as_info()
    return {**kinds, "allowed_updates": sorted(state.updates.allowed)} if state.updates.is_choosy else kinds


def log_out(state: State, _: Params) -> bool:
    """Leave this server; every later call is unauthorized."""
    state.is_logged_out = True
    return True


def close(_: State, __: Params) -> bool:
    """Get ready to be moved to another server."""
    return True


METHODS = {
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "logOut": log_out,
    "close": close,
}
