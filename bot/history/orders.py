"""Orders of answers that come later, in Redis: what survives any crash between asking and being answered."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import structlog
from pydantic import TypeAdapter, ValidationError
from redis.asyncio import Redis

from bot.history import order_scripts as scripts
from bot.history.keys import ChatKeys, OrderKeys
from bot.orders import Begun, Order
from bot.store import store_errors
from bot.types import ConversationKey, DialogueKey, Piece

log = structlog.get_logger(__name__)

_KEEP_S = 2 * 24 * 3600
"""Longer than Telegram keeps an update that was not fetched: so long an order that is over is known."""
_LOOK_MS, _LOOKS_AT_ONCE = 25, 10
"""So no more than 50 looks are made in any second: the service's quota, for all replicas together."""
_ASKED = ("question", "prompt", "model", "asked_at", "deadline")
"""What never changes, kept together."""
_ORDER = TypeAdapter(Order)


class RedisOrders:
    """The ports `Orders` and `TakenOrders`. Needs a client that decodes responses.

    `holder` is the name of this replica; what it takes is lost to others `lease_s` after its last sign of life.
    """

    def __init__(
        self, redis: Redis, bot_id: int, *, holder: str, lease_s: float = 8, most_of_person: int = 30
    ) -> None:
        self._redis = redis
        self._bot_id = bot_id
        self._holder = holder
        self._lease_ms = round(lease_s * 1000)
        self._most_of_person = most_of_person
        self._keys = OrderKeys(bot_id)
        self._lists = (ChatKeys(bot_id, 0).orders.removesuffix("0"), self._keys.of_people)
        self._scripts = {
            name: redis.register_script(text) for name, text in vars(scripts).items() if name.isupper()
        }

    async def find(self, order_id: str) -> Order | None:
        """Return an order that is not over; None: there is none."""
        with store_errors():
            fields: Any = await self._redis.hgetall(self._keys.order(order_id))
        return _loaded(fields)

    async def begin(self, order: Order, *, instead_of: str = "") -> Begun:
        """Write down that it is about to be sent; in the same step cancel the one whose place it takes.

        Of a call that is made again because its answer got lost, the script knows by a word of chance.
        """
        asked = {name: value for name, value in asdict(order).items() if name in _ASKED}
        who = [order.chat_id, order.question.person.user_id, self._most_of_person]
        said = await self._run(
            "BEGIN",
            [self._keys.order(order.id), self._keys.order(instead_of), self._keys.due],
            [order.id, secrets.token_hex(8), _dumped(asked), *who, _KEEP_S, instead_of, *self._lists],
        )
        return Begun(said)

    async def withdraw(self, order_id: str) -> None:
        """Write down that the service has not taken it: it may be begun again."""
        await self._run("WITHDRAW", [self._keys.order(order_id)], [])

    async def place(self, order: Order, operation_id: str, *, look_in_s: float) -> bool:
        """Write down that the service has it; False: it was given up meanwhile."""
        keys = [self._keys.order(order.id), self._keys.due]
        args = [order.id, operation_id, _ms(look_in_s), order.asked_at, *self._lists]
        return bool(await self._run("PLACE", keys, args))

    async def told(self, order_id: str) -> None:
        """Write down that the person knows."""
        await self._mark(order_id, "told", "1")

    async def pending(self, conversation: ConversationKey) -> tuple[Order, ...]:
        """Return the orders placed there and neither over nor cancelled, oldest first."""
        keys = [ChatKeys.of(conversation).orders]
        found = map(_loaded, await self._run("PENDING", keys, [self._keys.order("")]))
        return tuple(order for order in found if order and order.dialogue.conversation == conversation)

    async def cancel(self, order_id: str) -> bool:
        """Cancel an order; False: it is too late, because its answer is there, or it is over."""
        keys = [self._keys.order(order_id), self._keys.due]
        return bool(await self._run("CANCEL", keys, [order_id, *self._lists]))

    async def forget(self, dialogue: DialogueKey) -> None:
        """Let the answers that are on their way not be remembered in the dialogue."""
        for order in await self.pending(dialogue.conversation):
            if order.prompt == dialogue.prompt:
                await self._mark(order.id, "forgotten", "1")

    async def end(self, order_id: str) -> None:
        """Write down that it is over; nobody begins it again for two days."""
        keys = [self._keys.order(order_id), self._keys.due]
        await self._run("END", keys, [order_id, _KEEP_S, *self._lists])

    async def migrate(self, old_chat_id: int, new_chat_id: int) -> None:
        """Let the orders of a group that became a supergroup be answered there; again, it changes nothing."""
        keys = [ChatKeys(self._bot_id, chat_id).orders for chat_id in (old_chat_id, new_chat_id)]
        if old_chat_id != new_chat_id:
            await self._run("MOVE", keys, [new_chat_id, self._keys.order("")])

    async def take(self, most: int) -> list[Order]:
        """Take what is due to be looked at, or was left by a replica that died; never more than may be now."""
        pace = [_LOOK_MS, _LOOKS_AT_ONCE, self._keys.order("")]
        keys = [self._keys.due, self._keys.pace]
        orders = []
        for order_id, fields in await self._run("TAKE", keys, [self._holder, most, self._lease_ms, *pace]):
            if order := _loaded(fields):
                orders.append(order)
            else:
                await self.end(order_id)
        return orders

    async def renew(self, order_ids: Sequence[str]) -> set[str]:
        """Show a sign of life for these; return those that were lost to another replica, or are over."""
        if not order_ids:
            return set()
        args = [self._holder, self._lease_ms, self._keys.order(""), *order_ids]
        return set(await self._run("RENEW", [self._keys.due], args))

    async def release(self, order: Order, *, look_in_s: float) -> None:
        """Give it back with its counts, to be looked at then; nothing happens if it is not ours."""
        keys = [self._keys.order(order.id), self._keys.due]
        await self._run("RELEASE", keys, [order.id, self._holder, _ms(look_in_s), order.looks, order.failures])

    async def answered(self, order_id: str, answer: Piece) -> bool:
        """Keep the answer; False: it is not wanted any more, or the order is another's."""
        kept = answer._asdict() | {"usage": answer.usage and asdict(answer.usage)}
        args = [self._holder, _dumped(kept)]
        return bool(await self._run("ANSWERED", [self._keys.order(order_id)], args))

    async def occupy(self, order: Order) -> bool:
        """Begin its delivery; False: another order is being delivered in that conversation."""
        keys = [self._keys.order(order.id), self._keys.busy(order.dialogue.conversation)]
        return bool(await self._run("OCCUPY", keys, [order.id, self._holder, self._lease_ms]))

    async def delivered(self, order_id: str, message_ids: tuple[int, ...]) -> None:
        """Keep that the answer was delivered."""
        await self._mark(order_id, "messages", json.dumps(message_ids))

    async def _mark(self, order_id: str, field: str, value: str) -> None:
        await self._run("MARK", [self._keys.order(order_id)], [field, value])

    async def _run(self, name: str, keys: list[str], args: list[Any]) -> Any:
        with store_errors():
            return await self._scripts[name](keys=keys, args=args)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _dumped(value: Any) -> str:
    """Return JSON; half a surrogate pair, which JSON of a model may contain, becomes `?`."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="replace").decode()


def _loaded(fields: dict[str, str] | Sequence[str]) -> Order | None:
    """Return the order of a hash; None if it is over, or corrupt."""
    known = fields if isinstance(fields, dict) else dict(zip(fields[::2], fields[1::2], strict=True))
    if "asked" not in known:
        return None
    try:
        return _ORDER.validate_python(
            {
                **json.loads(known["asked"]),
                "chat_id": int(known["chat"]),
                "standing": known["standing"],
                "operation_id": known.get("operation", ""),
                "is_told": "told" in known,
                "looks": int(known.get("looks", 0)),
                "failures": int(known.get("failures", 0)),
                "takes": int(known.get("takes", 0)),
                "answer": json.loads(known.get("answer", "null")),
                "message_ids": json.loads(known.get("messages", "null")),
                "is_forgotten": "forgotten" in known,
            }
        )
    except (KeyError, ValueError, ValidationError) as error:
        log.warning("corrupt order skipped", error=type(error).__name__)
        return None
