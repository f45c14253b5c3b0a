import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import StoreError
from bot.types import ConversationKey, Happening, WhileBusy
from bot.updates.inbox import Claim
from bot.updates.together import Together
from tests.tools.clock import FakeClock
from tests.tools.metering import Clicker
from tests.tools.updates import ANNA, GROUP, ME, PHOTO, PRIVATE, VOICE, a_message, mention

LONG = "x" * 4096
DOCUMENT = {"file_id": "1", "file_unique_id": "1", "file_name": "a.txt"}
BORIS: dict[str, Any] = {"id": 2, "is_bot": False, "first_name": "Boris"}
ORIGIN: dict[str, Any] = {"type": "user", "date": 1, "sender_user": BORIS}
GROUP_CALL: dict[str, Any] = {"text": "@govorun_bot why?", "entities": mention(), "chat": GROUP}
BORIS_CALL: dict[str, Any] = {**GROUP_CALL, "from": BORIS}

Script = Sequence[tuple[float, list[str]]]
"""What comes later, and after how many seconds."""


class ListedInbox:
    """An inbox of one conversation, whose list is in a list."""

    def __init__(self, clock: FakeClock, later: Script = (), *, is_lost: bool = False) -> None:
        self.taken: list[tuple[int, int]] = []
        self._clock = clock
        self._later = [(clock.now + after_s, updates) for after_s, updates in later]
        self._is_lost = is_lost

    async def look_again(self, claim: Claim) -> Claim:
        new = [update for at, updates in self._later if at <= self._clock.now for update in updates]
        self._later = [(at, updates) for at, updates in self._later if at > self._clock.now]
        return a_claim([*claim.updates, *new])

    async def take(self, claim: Claim, count: int, *, dropping: int = 0) -> Claim | None:
        if self._is_lost:
            return None
        self.taken.append((dropping, count))
        return a_claim(claim.updates[dropping : dropping + count], is_taken=True)


def a_claim(updates: Sequence[str], *, is_taken: bool = False) -> Claim:
    return Claim("ready", "1-0", "1", tuple(updates), is_taken=is_taken)


def an_update(number: int, **event: Any) -> str:
    return json.dumps({"update_id": number, **event})


def says(number: int, text: str | None = None, **more: Any) -> str:
    """A message whose number is its id and, with a minute between two of them, its time."""
    date = 1_700_000_000 + 60 * number
    message = a_message(text or f"message {number}", **{"message_id": number, "date": date, **more})
    return an_update(number, message=message)


def shows(number: int, **more: Any) -> str:
    """A picture without a word."""
    date = 1_700_000_000 + 60 * number
    message = a_message(None, message_id=number, **{"date": date, "photo": PHOTO, **more})
    return an_update(number, message=message)


def sounds(number: int) -> str:
    """A voice."""
    return shows(number, photo=None, voice=VOICE)


def in_album(number: int, **more: Any) -> str:
    """A picture of an album."""
    return shows(number, date=5, media_group_id="7", **more)


def changes(number: int, text: str, **more: Any) -> str:
    return an_update(
        100 + number, edited_message=a_message(text, **{"message_id": number, "edit_date": 9, **more})
    )


def presses(number: int) -> str:
    return an_update(number, callback_query={"id": "1", "from": ANNA, "chat_instance": "1", "data": "x"})


def numbers(claim: Claim | None) -> list[int]:
    assert claim is not None
    return [json.loads(update)["update_id"] for update in claim.updates]


def always(policy: WhileBusy) -> Callable[[ConversationKey], Awaitable[WhileBusy]]:
    async def policy_of(_: ConversationKey) -> WhileBusy:
        return policy

    return policy_of


async def chosen(
    updates: Sequence[str], policy: WhileBusy = WhileBusy.MERGE, later: Script = ()
) -> tuple[list[int], FakeClock]:
    clock = FakeClock()
    inbox: Any = ListedInbox(clock, later)
    together = Together(inbox, ME, always(policy), cut_wait_s=1.5, clock=clock, sleep=clock.sleep)
    return numbers(await together.choose(a_claim(updates))), clock


@pytest.mark.parametrize(
    ("updates", "merge", "queue", "replace"),
    [
        pytest.param([says(1)], [1], [1], [1], id="one"),
        pytest.param([says(1), says(2), says(3)], [1, 2, 3], [1], [3], id="three in a row"),
        pytest.param([says(1), says(2), says(3, "/new"), says(4)], [1, 2], [1], [2], id="up to a command"),
        pytest.param([says(1), presses(2), says(3)], [1], [1], [1], id="up to a press"),
        pytest.param([says(1, "/new"), says(2)], [1], [1], [1], id="a command is alone"),
        pytest.param([presses(1), says(2)], [1], [1], [1], id="a press is alone"),
        pytest.param([changes(1, "x"), says(2)], [101], [101], [101], id="a change is alone"),
        pytest.param([an_update(1, message={"date": "?"}), says(2)], [1], [1], [1], id="a broken one is alone"),
        pytest.param(
            [says(1), an_update(2, message={"date": "?"}), says(3)], [1], [1], [1], id="up to a broken one"
        ),
        pytest.param(
            [an_update(1, message=a_message(None, new_chat_title="x")), says(2)], [1], [1], [1], id="an event"
        ),
        pytest.param(
            [says(1, date=5), says(2, date=5, forward_origin=ORIGIN), says(3)],
            [1, 2, 3],
            [1, 2],
            [3],
            id="forward",
        ),
        pytest.param(
            [says(1), says(2, "x" * 3000, date=5), says(3, date=5)],
            [1, 2, 3],
            [1],
            [2, 3],
            id="a long text last",
        ),
        pytest.param([says(1), changes(1, "x"), says(2)], [1, 101, 2], [1, 101], [2], id="a change on the way"),
        pytest.param([says(1), changes(9, "x"), says(2)], [1], [1], [1], id="up to a change of an older one"),
        pytest.param([says(1), changes(1, "/new"), says(2)], [1], [1], [1], id="up to a change to a command"),
        pytest.param([says(1), says(2), changes(1, "x")], [1, 2], [1], [2], id="a change that comes too late"),
        pytest.param([says(1), says(2), sounds(3)], [1, 2, 3], [1], [2], id="a voice replaces nothing"),
        pytest.param([sounds(1), sounds(2)], [1, 2], [1], [1], id="nor does one voice another"),
        pytest.param([sounds(1), says(2), sounds(3)], [1, 2, 3], [1], [2], id="but a text does both"),
        pytest.param([says(1), shows(2), sounds(3)], [1, 2, 3], [1], [2], id="and so does a picture"),
        pytest.param([says(1), in_album(2), in_album(3)], [1, 2, 3], [1], [2, 3], id="an album is one"),
        pytest.param(
            [in_album(1, caption="/ask why?"), in_album(2), says(3)],
            [1, 2, 3],
            [1, 2],
            [3],
            id="also with /ask",
        ),
        pytest.param([shows(1, caption="/new"), says(2)], [1], [1], [1], id="a command as a caption is alone"),
        pytest.param(
            [says(1, **GROUP_CALL), says(2, **GROUP_CALL)], [1, 2], [1], [2], id="two calls in a group"
        ),
        pytest.param([says(1, **GROUP_CALL), says(2, **BORIS_CALL)], [1], [1], [1], id="two people"),
        pytest.param([says(1, **GROUP_CALL), says(2, chat=GROUP)], [1], [1], [1], id="not for the bot"),
        pytest.param([says(1, chat=GROUP), says(2, **GROUP_CALL)], [1], [1], [1], id="not yet for the bot"),
        pytest.param(
            [says(1, **GROUP_CALL, date=5), says(2, chat=GROUP, date=5, forward_origin=ORIGIN)],
            *([[1, 2]] * 3),
            id="a part needs no mention",
        ),
        pytest.param(
            [says(1, chat=GROUP, date=5, forward_origin=ORIGIN), says(2, **GROUP_CALL, date=5)],
            *([[1, 2]] * 3),
            id="nor does the first",
        ),
        pytest.param(
            [says(n, **GROUP_CALL, sender_chat={**GROUP, "id": sender}) for n, sender in ((1, -5), (2, -6))],
            *([[1]] * 3),
            id="two channels",
        ),
    ],
)
async def test_what_is_handled_as_one(
    updates: list[str], merge: list[int], queue: list[int], replace: list[int]
) -> None:
    found = [(await chosen(updates, policy))[0] for policy in WhileBusy]

    assert found == [merge, queue, replace]


async def test_a_cut_text_is_waited_for_part_by_part() -> None:
    parts = [says(number, LONG, date=5) for number in (1, 2)]

    taken, clock = await chosen([parts[0]], later=[(1.2, [parts[1]]), (2.4, [says(3, "end", date=5)])])

    assert taken == [1, 2, 3]
    assert clock.now - 1_000_000 == pytest.approx(2.4, abs=0.15)


async def test_an_album_is_waited_for_part_by_part() -> None:
    taken, clock = await chosen([in_album(1)], later=[(0.3, [in_album(2)]), (0.6, [in_album(3)])])

    assert taken == [1, 2, 3]
    assert clock.now - 1_000_000 == pytest.approx(0.6 + 1.5, abs=0.25)


async def test_an_album_that_is_full_is_not_waited_for() -> None:
    taken, clock = await chosen([in_album(number) for number in range(1, 11)])

    assert (taken, clock.slept) == ([*range(1, 11)], [])


async def test_nothing_is_waited_for_longer_than_was_set() -> None:
    taken, clock = await chosen([says(1, LONG)], later=[(2.0, [says(2, "end")])])

    assert taken == [1]
    assert clock.now - 1_000_000 == pytest.approx(1.5, abs=0.15)


@pytest.mark.parametrize(
    "updates",
    [
        [says(1)],
        [says(1, quote={"text": LONG, "position": 0})],
        [says(1), says(2)],
        [says(1, LONG), says(2)],
        [says(1, LONG), presses(2)],
        [says(1, LONG, forward_origin=ORIGIN)],
        [says(1, "x" * 3000, chat=GROUP)],
        [says(1, LONG, chat=GROUP), says(2, **BORIS_CALL)],
        [says(1, "/ask " + LONG[:3000])],
        [shows(1)],
        [says(1, reply_to_message={**a_message(None, photo=PHOTO), "media_group_id": "7"})],
    ],
)
async def test_nothing_else_is_waited_for(updates: list[str]) -> None:
    _, clock = await chosen(updates)

    assert clock.slept == []


async def test_a_queue_does_not_wait_for_what_is_not_its_turn() -> None:
    taken, clock = await chosen([says(1), says(2, LONG)], WhileBusy.QUEUE)

    assert (taken, clock.slept) == ([1], [])


async def test_a_lost_claim_is_handled_by_nobody_here() -> None:
    inbox: Any = ListedInbox(FakeClock(), is_lost=True)
    together = Together(inbox, ME, always(WhileBusy.MERGE), cut_wait_s=1)

    assert await together.choose(a_claim([says(1), says(2)])) is None


async def test_a_policy_that_cannot_be_read_settles_nothing() -> None:
    async def away(_: ConversationKey) -> WhileBusy:
        raise StoreError("away")

    inbox: Any = ListedInbox(FakeClock())

    with pytest.raises(StoreError):
        await Together(inbox, ME, away, cut_wait_s=1).choose(a_claim([says(1), says(2)]))
    assert inbox.taken == []


@pytest.mark.parametrize(
    ("policy", "is_lost", "counted"),
    [
        (WhileBusy.REPLACE, False, {Happening.REPLACED: 2}),
        (WhileBusy.MERGE, False, {}),
        (WhileBusy.REPLACE, True, {}),
    ],
    ids=["replaced", "merged", "claim lost"],
)
async def test_what_is_let_go_is_counted(
    policy: WhileBusy, counted: dict[Happening, int], *, is_lost: bool
) -> None:
    inbox: Any = ListedInbox(FakeClock(), is_lost=is_lost)
    meter = Clicker()

    await Together(inbox, ME, always(policy), cut_wait_s=1, meter=meter).choose(
        a_claim([says(1), says(2), says(3)])
    )

    assert meter.counts == counted


KINDS: dict[str, Callable[[int], str]] = {
    "anna": lambda number: says(number, **GROUP_CALL),
    "boris": lambda number: says(number, **BORIS_CALL),
    "chatter": lambda number: says(number, chat=GROUP),
    "forward": lambda number: says(number, chat=GROUP, date=5, forward_origin=ORIGIN),
    "at once": lambda number: says(number, **GROUP_CALL, date=5),
    "long": lambda number: says(number, LONG, chat=PRIVATE, date=5),
    "command": lambda number: says(number, "/new"),
    "press": presses,
}


@given(st.lists(st.sampled_from(sorted(KINDS)), max_size=12), st.sampled_from(list(WhileBusy)))
async def test_whatever_the_interleaving_every_update_is_handled_once_and_in_order(
    kinds: list[str], policy: WhileBusy
) -> None:
    waiting = [KINDS[kind](number) for number, kind in enumerate(kinds)]
    handled: list[list[int]] = []
    clock = FakeClock()
    while waiting:
        inbox: Any = ListedInbox(clock)
        together = Together(inbox, ME, always(policy), cut_wait_s=0.1, clock=clock, sleep=clock.sleep)
        handled.append(numbers(await together.choose(a_claim(waiting))))
        dropped = inbox.taken[0][0] if inbox.taken else 0
        waiting = waiting[dropped + len(handled[-1]) :]

    flat = [number for turn in handled for number in turn]
    assert flat == sorted(set(flat))
    if policy is not WhileBusy.REPLACE:
        assert flat == list(range(len(kinds)))
    for turn in handled:
        assert len(turn) == 1 or {kinds[number] for number in turn} <= {*KINDS} - {"command", "press"}
        assert not {"anna", "boris"} <= {kinds[number] for number in turn}


CUT_COMMAND = "/classify " + "x" * 4000


async def test_a_command_whose_text_was_cut_has_the_rest_of_it() -> None:
    said = [says(1, CUT_COMMAND, date=5), says(2, "the rest", date=6), says(3, "and why?", date=60)]

    taken, _ = await chosen(said)

    assert taken == [1, 2]


async def test_the_rest_of_a_command_is_waited_for() -> None:
    taken, clock = await chosen([says(1, CUT_COMMAND, date=5)], later=[(0.5, [says(2, "the rest", date=5)])])

    assert taken == [1, 2]
    assert clock.slept


async def test_a_command_below_the_first_of_an_album_has_all_of_it() -> None:
    first = shows(1, date=5, media_group_id="7", caption="/classify", photo=None, document=DOCUMENT)
    others = [shows(number, date=5, media_group_id="7", photo=None, document=DOCUMENT) for number in (2, 3)]

    assert (await chosen([first, *others]))[0] == [1, 2, 3]


@pytest.mark.parametrize("policy", WhileBusy)
async def test_nothing_else_is_merged_with_a_command(policy: WhileBusy) -> None:
    said = [says(1, CUT_COMMAND, date=5), says(2, "why?"), says(3, "how?")]

    assert (await chosen(said, policy))[0] == [1]


async def test_a_short_command_goes_alone_at_once() -> None:
    taken, clock = await chosen([says(1, "/classify x", date=5), says(2, "why?", date=5)])

    assert (taken, clock.slept) == ([1], [])


async def test_a_cut_command_to_another_bot_is_not_waited_for() -> None:
    other = says(1, "/classify@other_bot " + "x" * 4000, chat=GROUP)

    taken, clock = await chosen([other])

    assert (taken, clock.slept) == ([1], [])


async def test_the_end_of_a_text_may_call_the_bot_for_all_of_it() -> None:
    head, tail = says(1, LONG, chat=GROUP), says(2, date=1_700_000_060, **GROUP_CALL)

    taken, _ = await chosen([head], WhileBusy.QUEUE, later=[(0.3, [tail])])

    assert taken == [1, 2]


async def test_a_text_that_calls_nobody_in_the_end_is_let_be() -> None:
    taken, clock = await chosen([says(1, LONG, chat=GROUP)], later=[(0.3, [says(2, **BORIS_CALL)])])

    assert taken == [1]
    assert clock.now - 1_000_000 == pytest.approx(0.3, abs=0.15)


@pytest.mark.parametrize(("policy", "expected"), [(WhileBusy.MERGE, [1, 2, 3]), (WhileBusy.REPLACE, [3])])
async def test_what_stands_behind_ask_is_said_like_anything_else(
    policy: WhileBusy, expected: list[int]
) -> None:
    asked = [says(number, f"/ask {number} words", chat=GROUP) for number in (1, 2, 3)]

    taken, _ = await chosen(asked, policy)

    assert taken == expected
