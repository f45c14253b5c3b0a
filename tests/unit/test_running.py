import asyncio

import pytest

from bot.running import Growing, RunningTurns, StopSwitch
from bot.types import ConversationKey

HERE, THERE = ConversationKey(42, 1), ConversationKey(42, 2)
ANNAS, BORISES = Growing(1, 101), Growing(2, 102)


class Slate:
    """A board that writes down what it is told; somewhere else, Boris is answered."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def post(self, conversation: ConversationKey, switch: StopSwitch) -> None:
        self.lines.append(f"post {conversation.slug} {switch.growing.tag}")

    def remove(self, conversation: ConversationKey, switch: StopSwitch, *, is_interrupted: bool) -> None:
        assert switch.is_over
        self.lines.append(f"{'leave' if is_interrupted else 'remove'} {conversation.slug}")

    async def find(self, conversation: ConversationKey) -> Growing | None:
        return BORISES if conversation == THERE else None

    async def press(self, conversation: ConversationKey, tag: int) -> bool:
        self.lines.append(f"press {conversation.slug} {tag}")
        return True

    def note_press(self, conversation: ConversationKey, tag: int) -> None:
        self.lines.append(f"note {conversation.slug} {tag}")


async def test_a_press_ends_the_wait_inside() -> None:
    running = RunningTurns()

    async with running.stoppable(HERE, ANNAS) as switch:
        asyncio.get_running_loop().call_soon(switch.press)
        await asyncio.sleep(30)

    assert switch.is_pressed


async def test_a_press_before_the_first_wait_ends_it_too() -> None:
    async with RunningTurns().stoppable(HERE, ANNAS) as switch:
        switch.press()
        await asyncio.sleep(30)

    assert switch.is_pressed


async def test_whose_answer_it_is_and_which_reply_is_known_while_it_grows() -> None:
    running = RunningTurns()

    async with running.stoppable(HERE, ANNAS):
        assert await running.growing_in(HERE) == ANNAS
        assert await running.growing_in(THERE) is None

    assert await running.growing_in(HERE) is None


async def test_a_second_press_changes_nothing() -> None:
    async with RunningTurns().stoppable(HERE, ANNAS) as switch:
        switch.press()
        switch.press()
        await asyncio.sleep(30)

    assert switch.is_pressed


async def test_a_press_while_the_answer_is_being_ended_changes_nothing() -> None:
    async with RunningTurns().stoppable(HERE, ANNAS) as switch:
        switch.press()
        try:
            await asyncio.sleep(30)
        finally:
            assert not switch.press()
            await asyncio.sleep(0)

    assert switch.is_pressed


async def test_a_press_after_the_end_changes_nothing() -> None:
    async with RunningTurns().stoppable(HERE, ANNAS) as switch:
        pass

    assert not switch.press()
    assert not switch.is_pressed


async def test_another_timeout_is_not_taken_for_a_stop() -> None:
    with pytest.raises(TimeoutError):
        async with RunningTurns().stoppable(HERE, ANNAS):
            raise TimeoutError


async def test_the_older_of_two_turns_does_not_take_the_newer_ones_switch_away() -> None:
    running = RunningTurns()

    async with running.stoppable(HERE, ANNAS):
        newer = running.stoppable(HERE, BORISES)
        switch = await newer.__aenter__()
    assert running.switch_of(HERE) is switch

    await newer.__aexit__(None, None, None)


async def test_an_answer_that_grows_here_is_stopped_here_and_that_is_noted() -> None:
    running = RunningTurns(slate := Slate())

    async with running.stoppable(HERE, ANNAS) as switch:
        assert await running.stop(HERE, ANNAS)
        await asyncio.sleep(30)

    assert switch.is_pressed
    assert slate.lines == ["post 1 101", "note 1 101", "remove 1"]


@pytest.mark.parametrize("conversation", [HERE, THERE], ids=["another one here", "none here"])
async def test_an_answer_that_grows_elsewhere_is_stopped_over_the_board(conversation: ConversationKey) -> None:
    running = RunningTurns(slate := Slate())

    async with running.stoppable(HERE, ANNAS) as switch:
        assert await running.stop(conversation, BORISES)

    assert not switch.is_pressed
    assert f"press {conversation.slug} 102" in slate.lines


async def test_what_grows_elsewhere_is_found_on_the_board() -> None:
    assert await RunningTurns(Slate()).growing_in(THERE) == BORISES


async def test_a_process_without_others_finds_and_stops_nothing_elsewhere() -> None:
    running = RunningTurns()

    assert await running.growing_in(HERE) is None
    assert not await running.stop(HERE, ANNAS)


async def test_an_interrupted_answer_may_be_stopped_until_it_is_taken_up_again() -> None:
    running = RunningTurns(slate := Slate())

    async def answer() -> None:
        async with running.stoppable(HERE, ANNAS):
            await asyncio.sleep(30)

    answering = asyncio.create_task(answer())
    await asyncio.sleep(0)
    answering.cancel()
    await asyncio.wait({answering})

    assert answering.cancelled()
    assert slate.lines == ["post 1 101", "leave 1"]
