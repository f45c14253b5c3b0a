"""Single calls: final ones insist within their patience, cosmetic ones are tried once."""

import asyncio
from itertools import pairwise
from types import SimpleNamespace

import pytest
from aiogram.exceptions import ClientDecodeError
from aiogram.methods import SendMessage, TelegramMethod
from aiogram.types import Message

from bot.errors import ChatGone, DeliveryError, DeliveryTimeout
from bot.replies.calls import Attempt, Calls, Timer
from bot.replies.pace import Importance, Pace
from bot.replies.refusals import DraftRefused, Lost, Postponed, RichRefused, TooLong, WayRefused
from bot.sandbox.telegram.world import Fault
from bot.types import ConversationKey, Place
from tests.tools.world_stage import GROUP, Home, Process, WorldStage


def calls(stage: WorldStage, process: Process) -> Calls:
    return Calls(process.bot, process.governor, stage.place, Timer(stage.time.clock, stage.time.sleep))


def make(stage: WorldStage, attempt: Attempt, *, topic_id: int | None = None) -> Message:
    """Send a message by one call of the house."""
    process = stage.process()
    place = Place(ConversationKey(42, stage.chat_id, topic_id), is_group=stage.home is not Home.PRIVATE)
    one = Calls(process.bot, process.governor, place, Timer(stage.time.clock, stage.time.sleep))

    def message(_: Attempt) -> TelegramMethod[Message]:
        return SendMessage(chat_id=one.to.chat_id, message_thread_id=one.to.topic_id, text="раз")

    return asyncio.run(stage.time.run(one.make(message, attempt)))


def test_a_final_call_waits_longer_after_each_outage() -> None:
    stage = WorldStage()
    stage.world.faults.add(Fault.server_error(), times=7)

    make(stage, Attempt(Importance.FINAL))

    times = [call.at for call in stage.world.calls]
    pauses = [round(later - earlier) for earlier, later in pairwise(times)]
    assert pauses == [1, 2, 4, 8, 15, 15, 15]


def test_a_final_call_tells_how_often_nobody_knew() -> None:
    stage = WorldStage()
    stage.world.faults.add(Fault.drop(), times=2)
    attempt = Attempt(Importance.FINAL)

    make(stage, attempt)

    assert attempt.outages == 2


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.drop(), Lost),
        (Fault.bad_gateway(), Lost),
        (Fault.lost_answer(), Lost),
        (Fault.flood(5), Postponed),
        (Fault.refusal(400, "Bad Request: MESSAGE_TOO_LONG"), TooLong),
        (Fault.refusal(400, "Bad Request: something new"), DeliveryError),
        (Fault.refusal(403, "Forbidden: bot was blocked by the user"), ChatGone),
        (Fault.refusal(400, "Bad Request: chat not found"), ChatGone),
        (Fault.refusal(401, "Unauthorized"), DeliveryTimeout),
        (Fault.refusal(500, "Internal Server Error: sent message was immediately deleted"), DeliveryError),
    ],
)
def test_a_cosmetic_call_is_tried_once(fault: Fault, error: type[DeliveryError]) -> None:
    stage = WorldStage()
    stage.world.faults.add(fault, times=5)

    with pytest.raises(DeliveryError) as raised:
        make(stage, Attempt(Importance.FRAME))

    assert type(raised.value) is error
    assert len(stage.world.calls) == 1


def test_what_another_bot_deletes_at_once_is_not_sent_again() -> None:
    stage = WorldStage()
    stage.world.faults.add(
        Fault.refusal(500, "Internal Server Error: sent message was immediately deleted"), times=5
    )

    with pytest.raises(DeliveryError, match="immediately deleted"):
        make(stage, Attempt(Importance.FINAL))

    assert len(stage.world.calls) == 1


@pytest.mark.parametrize("instead", [DraftRefused, RichRefused])
@pytest.mark.parametrize(
    "fault",
    [
        Fault.refusal(400, "Bad Request: something new"),
        Fault.refusal(400, "Bad Request: MESSAGE_TOO_LONG"),
        Fault.refusal(404, "Not Found: method not found"),
    ],
)
def test_what_can_be_shown_in_another_way_is_not_repeated(fault: Fault, instead: type[WayRefused]) -> None:
    stage = WorldStage()
    stage.world.faults.add(fault)

    with pytest.raises(instead):
        make(stage, Attempt(Importance.FINAL, instead=instead))

    assert len(stage.world.calls) == 1


@pytest.mark.parametrize(
    ("code", "description", "is_lasting"),
    [
        (404, "Not Found: method not found", True),
        (400, "Bad Request: rich messages are not supported", True),
        (400, "Bad Request: method is not available in this chat", True),
        (400, "Bad Request: message text is empty", True),
        (400, "Bad Request: RICH_MESSAGE_BLOCKS_TOO_MUCH", False),
        (400, "Bad Request: can't parse rich message: Unsupported start tag", False),
        (400, "Bad Request: MESSAGE_TOO_LONG", False),
    ],
)
def test_whether_a_way_or_only_a_content_is_refused_is_told(
    code: int,
    description: str,
    is_lasting: bool,  # noqa: FBT001 - a table
) -> None:
    stage = WorldStage()
    stage.world.faults.add(Fault.refusal(code, description))

    with pytest.raises(RichRefused) as raised:
        make(stage, Attempt(Importance.FINAL, instead=RichRefused))

    assert raised.value.is_lasting is is_lasting


def test_entities_that_are_refused_are_left_out_once() -> None:
    stage = WorldStage()
    stage.world.faults.add(Fault.refusal(400, "Bad Request: can't parse entities"), times=9)
    attempt = Attempt(Importance.FINAL, is_plain=False)

    with pytest.raises(DeliveryError, match="parse"):
        make(stage, attempt)

    assert attempt.is_plain
    assert len(stage.world.calls) == 2


def test_patience_ends() -> None:
    stage = WorldStage(pace=Pace(patience_s=60))
    stage.world.faults.add(Fault.server_error(), times=100)

    with pytest.raises(DeliveryTimeout):
        make(stage, Attempt(Importance.FINAL))

    assert stage.time.now <= 61


def test_a_wait_beyond_patience_is_not_begun() -> None:
    stage = WorldStage(pace=Pace(patience_s=60))
    stage.world.faults.add(Fault.flood(1000))

    with pytest.raises(DeliveryTimeout):
        make(stage, Attempt(Importance.FINAL))

    assert stage.time.now < 1


def test_a_group_that_moved_is_followed() -> None:
    stage = WorldStage(Home.GROUP)
    stage.world.upgrade_to_supergroup(GROUP, -1009)

    message = make(stage, Attempt(Importance.FINAL))

    assert message.chat.id == -1009


def test_a_topic_that_is_lost_is_left_out() -> None:
    stage = WorldStage(Home.FORUM)

    message = make(stage, Attempt(Importance.FINAL), topic_id=99)

    assert message.message_thread_id is None


def test_a_message_that_the_library_cannot_read_was_sent_nevertheless() -> None:
    stage = WorldStage()
    process = stage.process()
    one = calls(stage, process)
    unreadable = ClientDecodeError("new", ValueError("new"), {"ok": True, "result": {"message_id": 8}})

    async def raises(_: object) -> None:
        raise unreadable

    one._bot = raises  # type: ignore[assignment]
    sent = asyncio.run(stage.time.run(one.make(_message, Attempt(Importance.FINAL))))

    assert sent == SimpleNamespace(message_id=8)


def test_a_success_that_the_library_cannot_read_is_one() -> None:
    stage = WorldStage()
    one = calls(stage, stage.process())
    unreadable = ClientDecodeError("new", ValueError("new"), {"ok": True, "result": "new"})

    async def raises(_: object) -> None:
        raise unreadable

    one._bot = raises  # type: ignore[assignment]

    success: object = asyncio.run(stage.time.run(one.make(_message, Attempt(Importance.FINAL))))

    assert success is True


def _message(_: Attempt) -> TelegramMethod[Message]:
    return SendMessage(chat_id=1, text="раз")
