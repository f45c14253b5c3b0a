import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from bot.replies.calls import Timer
from bot.replies.entities import Rendered
from bot.replies.outbox import Outbox
from bot.replies.pace import Importance
from bot.replies.refusals import MessageLost
from bot.replies.wire import Frame
from bot.sandbox.telegram.world import Fault
from tests.tools.world_stage import GROUP, Home, WorldStage

T = TypeVar("T")
FRAME = Frame(Rendered("раз"))


def use(stage: WorldStage, call: Callable[[Outbox], Awaitable[T]]) -> T:
    """Let a new process make calls in the chat of the stage."""
    process = stage.process()
    timer = Timer(stage.time.clock, stage.time.sleep)
    outbox = Outbox(process.bot, process.governor, process.journal.ledger, stage.place, timer)

    async def story() -> T:
        return await call(outbox)

    return asyncio.run(stage.time.run(story()))


@pytest.mark.parametrize("home", [Home.GROUP, Home.FORUM])
def test_the_first_message_is_a_reply(home: Home) -> None:
    stage = WorldStage(home)

    use(stage, lambda outbox: outbox.send(FRAME, Importance.FINAL, is_first=True))

    assert stage.messages()[0]["reply_to_message"]["message_id"] == stage.question_id


def test_a_message_follows_a_group_that_has_moved_and_is_no_reply_there() -> None:
    stage = WorldStage(Home.GROUP)
    stage.world.upgrade_to_supergroup(GROUP, -1009)

    use(stage, lambda outbox: outbox.send(FRAME, Importance.FINAL, is_first=True))

    assert stage.texts() == ["раз"]
    assert "reply_to_message" not in stage.messages()[0]


def test_a_message_leaves_a_topic_that_is_closed() -> None:
    stage = WorldStage(Home.FORUM)
    assert stage.topic_id
    stage.world.close_topic(stage.chat_id, stage.topic_id)

    use(stage, lambda outbox: outbox.send(FRAME, Importance.FINAL, is_first=True))

    assert stage.texts() == ["раз"]
    assert "message_thread_id" not in stage.messages()[0]


@pytest.mark.parametrize("home", [Home.GROUP, Home.FORUM])
def test_a_message_that_is_bound_to_others_goes_nowhere_without_them(home: Home) -> None:
    stage = WorldStage(home)
    if stage.topic_id:
        stage.world.close_topic(stage.chat_id, stage.topic_id)
    else:
        stage.world.upgrade_to_supergroup(GROUP, -1009)

    with pytest.raises(MessageLost):
        use(stage, lambda outbox: outbox.send(FRAME, Importance.FINAL, is_first=True, is_bound=True))

    assert stage.texts() == []


def test_an_id_is_never_used_in_another_chat() -> None:
    """Ids count anew in the chat that a group becomes: the same one is another message there."""
    stage = WorldStage(Home.GROUP)

    async def story(outbox: Outbox) -> None:
        sent = await outbox.send(FRAME, Importance.FINAL, is_first=True)
        stage.world.upgrade_to_supergroup(GROUP, -1009)
        await outbox.delete(sent.message_id)
        with pytest.raises(MessageLost):
            await outbox.edit(99, FRAME, Importance.FINAL)

    use(stage, story)

    deletions = [call for call in stage.world.calls if call.method == "deleteMessage"]
    assert {call.params["chat_id"] for call in deletions} == {GROUP}


def test_a_deletion_that_is_refused_is_no_error() -> None:
    stage = WorldStage()

    use(stage, lambda outbox: outbox.delete(999))

    assert [call.ok for call in stage.world.calls] == [False]


def test_typing_that_is_refused_is_no_error() -> None:
    stage = WorldStage()
    stage.world.block(stage.chat_id)

    use(stage, lambda outbox: outbox.typing())

    assert [call.error_code for call in stage.world.calls] == [403]


def test_an_edit_tells_whether_it_changed_anything() -> None:
    stage = WorldStage()

    async def story(outbox: Outbox) -> list[bool]:
        sent = await outbox.send(FRAME, Importance.FINAL, is_first=True)
        other = Frame(Rendered("два"))
        return [await outbox.edit(sent.message_id, one, Importance.FINAL) for one in (other, other, FRAME)]

    assert use(stage, story) == [True, False, True]


def test_an_edit_whose_answer_was_lost_has_changed_something() -> None:
    stage = WorldStage()

    async def story(outbox: Outbox) -> bool:
        sent = await outbox.send(FRAME, Importance.FINAL, is_first=True)
        stage.world.faults.add(Fault.lost_answer())
        return await outbox.edit(sent.message_id, Frame(Rendered("два")), Importance.FINAL)

    assert use(stage, story)


def test_what_was_sent_is_known_and_what_others_wrote_is_not_ours() -> None:
    stage = WorldStage()

    async def story(outbox: Outbox) -> tuple[int, frozenset[int] | None, bool]:
        sent = await outbox.send(FRAME, Importance.FINAL, is_first=True)
        await outbox.note(sent.message_id)
        known = await outbox.known()
        return sent.message_id, known, await outbox.is_ours(stage.question_id, None, Importance.FINAL)

    message_id, known, is_ours = use(stage, story)

    assert known is not None
    assert set(known) == {message_id}
    assert not is_ours
