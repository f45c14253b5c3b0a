import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import StoreError
from bot.types import Happening
from bot.updates import intake as room
from bot.updates.inbox import Put
from bot.updates.intake import Intake, is_sound
from bot.updates.lanes import KINDS, Envelope, enveloped
from tests.tools.updates import ANNA, PRIVATE, a_message, a_press

BOT_ID = 42


class Shelf:
    """Keeps what is put, and answers as told; refuses the first `refusals` times."""

    def __init__(self, *answers: Put, refusals: int = 0) -> None:
        self.batches: list[list[str]] = []
        self._answers = list(answers)
        self._refusals = refusals

    async def put_all(self, envelopes: Sequence[Envelope]) -> list[Put]:
        if self._refusals:
            self._refusals -= 1
            raise StoreError("away")
        self.batches.append([envelope.identity.partition(":")[0] for envelope in envelopes])
        return [self._answers.pop(0) if self._answers else Put.KEPT for _ in envelopes]


class Teller:
    """Notes whom it had to tell; goes on when it may."""

    def __init__(self) -> None:
        self.told: list[int] = []
        self.may_go_on = asyncio.Event()

    async def __call__(self, update: dict[str, Any]) -> None:
        await self.may_go_on.wait()
        self.told.append(update["update_id"])


class Tally:
    """A meter to look at."""

    def __init__(self) -> None:
        self.counts: dict[Happening, int] = {}

    def count(self, happening: Happening, times: int = 1) -> None:
        self.counts[happening] = self.counts.get(happening, 0) + times


class Post:
    """An intake with everything around it."""

    def __init__(self, *answers: Put, refusals: int = 0) -> None:
        self.shelf = Shelf(*answers, refusals=refusals)
        self.waiting, self.full, self.tally = Teller(), Teller(), Tally()
        self.intake = Intake(
            self.shelf, BOT_ID, when_kept_waiting=self.waiting, when_full=self.full, meter=self.tally
        )


def update(number: int, **event: Any) -> dict[str, Any]:
    return {"update_id": number, **(event or {"message": a_message()})}


async def test_what_came_together_is_kept_in_one_step_and_in_order() -> None:
    post = Post()

    await post.intake.take([update(5), update(6), update(7)])

    assert post.shelf.batches == [["5", "6", "7"]]


async def test_what_is_none_of_ours_is_let_go() -> None:
    post = Post()

    await post.intake.take([update(5, poll={}), update(6)])
    await post.intake.take([update(7, poll={})])

    assert post.shelf.batches == [["6"]]


async def test_who_is_refused_is_told_and_nobody_waits_for_that() -> None:
    post = Post(Put.KEPT, Put.FULL, Put.TOLD, Put.KNOWN)

    await post.intake.take([update(number) for number in (1, 2, 3, 4)])
    before = list(post.full.told)
    post.full.may_go_on.set()
    await post.intake.finish()

    assert (before, post.full.told, post.waiting.told) == ([], [2], [])


async def test_who_is_kept_waiting_is_told_and_the_error_is_passed_on() -> None:
    post = Post(refusals=1)
    post.waiting.may_go_on.set()

    with pytest.raises(StoreError):
        await post.intake.take([update(1), update(2), update(3, poll={})])
    await post.intake.finish()

    assert post.waiting.told == [1, 2]


async def test_what_became_of_updates_is_counted() -> None:
    post = Post(Put.KEPT, Put.FULL, Put.TOLD, Put.KNOWN)

    await post.intake.take([update(number) for number in (1, 2, 3, 4)])
    await post.intake.take([update(5, poll={})])

    assert post.tally.counts == {
        Happening.RECEIVED: 4,
        Happening.KEPT: 1,
        Happening.REFUSED: 2,
        Happening.KNOWN: 1,
    }


async def test_a_stop_that_hurries_waits_for_no_telling() -> None:
    post = Post(Put.FULL)
    await post.intake.take([update(1)])
    finishing = asyncio.create_task(post.intake.finish())
    await asyncio.sleep(0)

    finishing.cancel()
    await asyncio.wait({finishing})

    assert finishing.cancelled()
    assert post.full.told == []


async def test_an_ordinary_stop_waits_for_it_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_FAREWELL_S", 0.01)
    post = Post(Put.FULL)
    await post.intake.take([update(1)])

    await post.intake.finish()

    post.full.may_go_on.set()
    await asyncio.sleep(0)
    assert post.full.told == []


async def test_a_telling_that_needs_redis_may_fail() -> None:
    async def broken(_update: dict[str, Any]) -> None:
        raise StoreError("away")

    intake = Intake(Shelf(Put.FULL), BOT_ID, when_kept_waiting=broken, when_full=broken)

    await intake.take([update(1)])
    await intake.finish()


@pytest.mark.parametrize(
    "sound",
    [
        update(1),
        update(1, edited_message=a_message()),
        update(1, message={"chat": PRIVATE, "sender_chat": {"id": -7, "type": "channel"}}),
        update(1, callback_query=a_press("x", a_message())),
        update(1, callback_query=a_press("x", None)),
        update(1, stopped_message_generation={"chat": PRIVATE}),
        update(1, message_of_tomorrow={}),
    ],
)
def test_what_telegram_sends_is_sound(sound: dict[str, Any]) -> None:
    assert is_sound(sound)


@pytest.mark.parametrize(
    "garbage",
    [
        None,
        [],
        "text",
        {},
        {"message": a_message()},
        {"update_id": "1", "message": a_message()},
        {"update_id": True, "message": a_message()},
        update(1, message="text"),
        update(1, message={}),
        update(1, message={"chat": []}),
        update(1, message={"chat": {"id": "1"}}),
        update(1, edited_message={"chat": PRIVATE, "from": [ANNA]}),
        update(1, callback_query={"id": "1"}),
        update(1, callback_query=a_press("x", {"chat": None})),
        update(1, stopped_message_generation=7),
        update(1, stopped_message_generation={"chat": 5}),
        update(1, message={"chat": {"id": -1, "type": []}}),
        update(1, message={"chat": PRIVATE, "entities": [1]}),
        update(1, message={"chat": PRIVATE, "reply_to_message": "text"}),
        update(1, message={"chat": PRIVATE, "business_connection_id": {}}),
        update(1, callback_query={**a_press("x", None), "sender_chat": "text"}),
    ],
)
def test_garbage_is_not(garbage: object) -> None:
    assert not is_sound(garbage)


NAMES = (
    *(
        "id",
        "type",
        "chat",
        "from",
        "sender_chat",
        "message",
        "message_id",
        "message_thread_id",
        "text",
        "data",
    ),
    *("business_connection_id", "is_topic_message", "reply_to_message", "entities", "caption_entities"),
)
SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["x", "group", "mention", "ask:1"])
EVENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=12,
)
PLACED = st.dictionaries(st.sampled_from(NAMES), EVENTS, max_size=5).map(
    lambda event: {"id": "1", "from": ANNA, "chat": {"id": -1, "type": "group"}, **event}
)


@given(st.sampled_from(KINDS), PLACED | EVENTS)
def test_whatever_is_sound_can_be_addressed(kind: str, event: object) -> None:
    raw = {"update_id": 1, kind: event}
    if is_sound(raw):
        envelope = enveloped(raw, BOT_ID)
        assert envelope is None or isinstance(hash(envelope.conversation), int)
