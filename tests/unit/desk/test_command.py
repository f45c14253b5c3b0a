import argparse
import json
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.desk.arguments import add_arguments
from bot.desk.command import Outcome, perform
from bot.desk.opening import open_desk
from bot.types import ConversationKey
from bot.updates.inbox import RedisInbox
from bot.updates.lanes import Envelope
from tests.tools.redis_server import RedisProcess

BOT = 42
GROUP = ConversationKey(BOT, -1001, 7)


class Operator:
    """Types commands."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._parser = argparse.ArgumentParser()
        add_arguments(self._parser)

    async def types(self, *words: str) -> Outcome:
        options = self._parser.parse_args(words)
        return await perform(open_desk(self._url, Path(), BOT, timeout_s=5), options)


@pytest.fixture
def operator(shared_redis: RedisProcess) -> Operator:
    return Operator(shared_redis.url)


@pytest.fixture
async def inbox(redis: Redis) -> RedisInbox:
    """An inbox with two dead letters of a group, and two updates that wait there."""
    box = RedisInbox(redis, BOT, consumer="first")
    await box.open()
    for number in (1, 2):
        await box.put(Envelope(f"{number}", GROUP, f'{{"update_id":{number},"text":"да"}}'))
        (claim,) = await box.claim(box.ready, 1, wait_ms=1)
        await box.done(claim, why_dead="poison")
    for number in (3, 4):
        await box.put(Envelope(f"{number}", GROUP, f'{{"update_id":{number}}}'))
    return box


async def letters(operator: Operator) -> list[dict[str, object]]:
    return list(json.loads((await operator.types("list", "--json")).text)["dead"])


@pytest.mark.usefixtures("inbox")
async def test_the_list_tells_of_everything(operator: Operator) -> None:
    text = (await operator.types("list")).text

    assert "Waiting: 2 updates, 1 conversation, 0 of them" in text
    assert "-1001:7" in text
    assert "Dead letters: 2." in text
    assert "… and 1 more" in (await operator.types("list", "--most", "1")).text


@pytest.mark.usefixtures("inbox")
async def test_an_update_is_shown_for_people(operator: Operator) -> None:
    assert (await operator.types("show", "1")).text == '{\n  "update_id": 1,\n  "text": "да"\n}'


@pytest.mark.usefixtures("inbox")
@pytest.mark.parametrize("words", [("show", "9"), ("replay", "9"), ("drop", "9-9")])
async def test_what_is_not_there_is_told(operator: Operator, words: tuple[str, ...]) -> None:
    outcome = await operator.types(*words)

    assert not outcome.is_found
    assert words[1] in outcome.text


@pytest.mark.usefixtures("inbox")
@pytest.mark.parametrize(("deed", "done"), [("replay", "Replayed"), ("drop", "Dropped")])
async def test_one_letter_is_settled_and_the_other_left(operator: Operator, deed: str, done: str) -> None:
    first = str((await letters(operator))[-1]["id"])

    assert await operator.types(deed, first) == Outcome(f"{done} 1 dead letter.")

    assert [letter["update_id"] for letter in await letters(operator)] == [2]
    assert not (await operator.types(deed, first)).is_found


@pytest.mark.usefixtures("inbox")
@pytest.mark.parametrize(("deed", "done"), [("replay", "Replayed"), ("drop", "Dropped")])
async def test_all_letters_are_settled_at_once(operator: Operator, deed: str, done: str) -> None:
    assert await operator.types(deed, "--all") == Outcome(f"{done} 2 dead letters.")
    assert await operator.types(deed, "--all") == Outcome(f"{done} 0 dead letters.")


async def test_what_waits_in_a_conversation_is_dropped(operator: Operator, inbox: RedisInbox) -> None:
    assert (
        await operator.types("drop", "--conversation=-1001:7")
    ).text == "Dropped 2 waiting updates of -1001:7."

    assert await inbox.claim(inbox.ready, 1, wait_ms=1) == []
    assert len(await letters(operator)) == 2


async def test_what_is_being_handled_is_buried(operator: Operator, inbox: RedisInbox) -> None:
    words = ("bury", "--conversation=-1001:7")

    assert not (await operator.types(*words)).is_found
    (claim,) = await inbox.claim(inbox.ready, 1, wait_ms=1)
    assert await inbox.take(claim, 1)
    assert await operator.types(*words) == Outcome("Buried 1 update of -1001:7; see `inbox list`.")

    assert [letter["update_id"] for letter in await letters(operator)] == [3, 2, 1]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("bury",),
        ("replay",),
        ("drop",),
        ("replay", "1", "--all"),
        ("drop", "--all", "--conversation", "1"),
        ("replay", "--conversation", "1"),
        ("list", "--most", "0"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    operator: Operator, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refusal:
        await operator.types(*words)

    assert refusal.value.code == 2
    assert "usage" in capsys.readouterr().err
