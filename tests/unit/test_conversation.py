import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.errors import (
    BackendTimeout,
    ConnectionCut,
    ContentFiltered,
    DeliveryError,
    GovorunError,
    StoreError,
    WaitedFor,
)
from bot.history import ChatState
from bot.presses import tag_of
from bot.question import Question
from bot.running import Alone, Growing, RunningTurns, StopSwitch
from bot.types import Ask, ConversationKey, Ending, Format, Manner, Part, Piece, Transport, Turn, Usage
from tests.tools.parrot_room import ANNA, GROUP, HERE, WHOLE, Parrot, Room


async def test_an_answer_is_shown_as_it_grows_and_remembered_when_it_is_whole(
    redis: Redis, tmp_path: Path
) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))

    reply = await room.ask()

    assert (reply.frames, reply.ending, reply.text) == (["Po"], "finished", "Polly")
    assert [(turn.question, turn.answer) for turn in await room.remembered()] == [("Who?", "Polly")]


async def test_the_oldest_turns_make_room_in_a_model_that_reads_little(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    (tmp_path / "models.yaml").write_text(
        "kind: models\nmodels:\n  tiny: {context_tokens: 60}\n  roomy: {context_tokens: 5000}\n", "utf-8"
    )
    seen = {}
    for number, model in enumerate(("roomy", "roomy", "tiny", "roomy"), 1):
        (tmp_path / "parrot.yaml").write_text(
            f"system: Repeat.\nmodel: {{name: {model}, max_tokens: 10}}\n", "utf-8"
        )
        await room.ask("Who is it that asks all these many things?", number=number)
        seen[number] = len(room.model.asks[-1].history)

    assert seen == {1: 0, 2: 1, 3: 1, 4: 3}


async def test_the_model_gets_the_prompt_and_what_was_said_before(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    await room.ask("Who?", number=1)

    await room.ask("And now?", number=2)

    ask = room.model.asks[-1]
    assert ask.system == "Repeat after Anna in private."
    assert ask.model.name == "yandexgpt/latest"
    assert [(turn.question, turn.answer) for turn in ask.history] == [("Who?", "Polly")]
    assert ask.question == "And now?"


async def test_in_a_group_the_model_knows_who_is_speaking(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))

    await room.ask(place=GROUP)

    assert room.model.asks[0].question == "Anna: Who?"
    assert room.model.asks[0].system == "Repeat after Anna in Friends."


@pytest.mark.parametrize(
    "error", [ContentFiltered("no"), ConnectionCut("cut"), BackendTimeout(WaitedFor.NEXT_PIECE, 20)]
)
async def test_a_failed_answer_leaves_no_trace(redis: Redis, tmp_path: Path, error: GovorunError) -> None:
    room = Room(redis, tmp_path, Parrot(Piece("Po"), error=error))

    reply = await room.ask()

    assert (reply.ending, reply.error) == ("failed", error)
    assert await room.remembered() == ()
    assert room.notebook.traces[0].outcome == type(error).__name__


async def test_an_answer_without_an_end_is_a_cut_one(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(Piece("Po")))

    reply = await room.ask()

    assert isinstance(reply.error, ConnectionCut)


async def test_an_answer_cut_by_its_limit_is_whole_and_marked(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(Piece("Po", Ending.TRUNCATED)))

    reply = await room.ask()

    assert (reply.text, reply.is_truncated) == ("Po", True)
    assert len(await room.remembered()) == 1


async def test_a_stopped_answer_is_remembered_as_far_as_it_was_shown(redis: Redis, tmp_path: Path) -> None:
    class Stopping(Parrot):
        async def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
            self.asks.append(ask)
            yield Piece("Po")
            room.stop()
            await asyncio.sleep(30)

    room = Room(redis, tmp_path, Stopping())

    reply = await room.ask()

    assert reply.ending == "stopped"
    assert room.notebook.traces[0].outcome == "stopped"
    assert [turn.answer for turn in await room.remembered()] == ["Po"]


async def test_a_question_that_was_answered_before_is_only_remembered(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    room.replies.earlier_answer = "Polly"

    reply = await room.ask()

    assert (reply.ending, room.model.asks) == ("", [])
    assert [turn.answer for turn in await room.remembered()] == ["Polly"]


async def test_silence_is_not_remembered(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(Piece("", Ending.COMPLETE)))

    reply = await room.ask()

    assert reply.ending == "finished"
    assert await room.remembered() == ()


async def test_what_could_not_be_delivered_is_not_remembered(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE), trouble=DeliveryError("refused"))

    with pytest.raises(DeliveryError):
        await room.ask()

    assert await room.remembered() == ()


async def test_a_delivered_answer_stands_even_if_it_cannot_be_remembered(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))

    async def refuse(*_: object, **__: object) -> None:
        raise StoreError("full")

    room.history.append = refuse  # type: ignore[method-assign]

    reply = await room.ask()

    assert reply.ending == "finished"
    assert sum(room.clock.slept) > 30


async def test_a_blink_of_redis_is_no_reason_to_forget(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    append = room.history.append

    async def blink(*_: Any, **__: Any) -> None:
        room.history.append = append  # type: ignore[method-assign]
        raise StoreError("a blink")

    room.history.append = blink  # type: ignore[method-assign]

    await room.ask()

    assert len(await room.remembered()) == 1


async def test_a_prompt_broken_meanwhile_answers_as_it_last_did(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    (tmp_path / "parrot.yaml").write_text("title: P\nsystem: '{{ person_name.missing.deeper }}'", "utf-8")

    reply = await room.ask()

    assert reply.ending == "finished"
    assert room.book.problems


async def test_a_turn_is_told_to_whoever_watches(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))

    await room.ask()

    (trace,) = room.notebook.traces
    assert (trace.outcome, trace.answer, trace.message_ids) == ("complete", "Polly", (1,))
    assert (trace.usage, trace.model_version, trace.first_text_s) == (Usage(3, 2), "v1", 0)


async def test_a_stop_before_the_model_is_asked_works_too(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))

    async def slow(*_: object, **__: object) -> tuple[Turn, ...]:
        room.stop()
        await asyncio.sleep(30)
        return ()

    room.history.load = slow  # type: ignore[method-assign]

    reply = await room.ask()

    assert (reply.ending, room.model.asks) == ("stopped", [])
    assert room.notebook.traces[0].outcome == "stopped"


async def test_an_attempt_that_was_stopped_before_it_began_leaves_what_the_one_before_had_said(
    redis: Redis, tmp_path: Path
) -> None:
    class Remembering(Alone):
        def post(self, conversation: ConversationKey, switch: StopSwitch) -> None:
            assert conversation == HERE.conversation
            switch.said = "Once upon"
            switch.press()

    room = Room(redis, tmp_path, Parrot(*WHOLE), running=RunningTurns(Remembering()))

    reply = await room.ask()

    assert (reply.ending, reply.frames, room.model.asks) == ("stopped", ["Once upon"], [])
    assert [turn.answer for turn in await room.remembered()] == ["Once upon"]


@pytest.mark.parametrize(("policy", "gives_way"), [("replace", True), ("queue", False), ("merge", False)])
async def test_an_answer_gives_way_if_its_prompt_says_that_new_replaces_old(
    redis: Redis, tmp_path: Path, policy: str, *, gives_way: bool
) -> None:
    class Noting(Alone):
        def post(self, conversation: ConversationKey, switch: StopSwitch) -> None:
            seen.append((conversation, switch.gives_way, switch.parts))

    seen: list[tuple[ConversationKey, bool, tuple[Part, ...]]] = []
    room = Room(redis, tmp_path, Parrot(*WHOLE), running=RunningTurns(Noting()))
    (tmp_path / "parrot.yaml").write_text(f"system: Hi.\nwhile_busy: {policy}\n", "utf-8")

    await room.ask(message_id=9)

    assert seen == [(HERE.conversation, gives_way, (Part(9, "Who?"),))]


async def test_the_stop_switch_bears_the_tag_of_its_reply(redis: Redis, tmp_path: Path) -> None:
    class Curious(Parrot):
        async def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
            switch = room.running.switch_of(HERE.conversation)
            assert switch is not None
            seen.append(switch.growing)
            async for piece in super().stream(ask):
                yield piece

    seen: list[Growing] = []
    room = Room(redis, tmp_path, Curious(*WHOLE))

    await room.ask()

    assert seen == [Growing(ANNA.user_id, tag_of("1"))]


async def test_thinking_is_shown_until_the_first_text_and_is_no_part_of_the_answer(
    redis: Redis, tmp_path: Path
) -> None:
    thoughts = (Piece("", thought="Hm"), Piece("", thought="Hm, a parrot"), Piece("Po", thought="So"), *WHOLE)
    room = Room(redis, tmp_path, Parrot(*thoughts, Piece("Polly", Ending.COMPLETE, thought="Done")))

    reply = await room.ask()

    assert (reply.thoughts, reply.text) == (["Hm", "Hm, a parrot"], "Polly")
    assert [turn.answer for turn in await room.remembered()] == ["Polly"]


async def test_a_model_that_reasons_is_shown_thinking_from_the_beginning(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    (tmp_path / "parrot.yaml").write_text("system: Think.\nmodel: {reasoning: true}\n", "utf-8")

    reply = await room.ask()

    assert reply.thoughts == [""]


async def test_who_waits_in_line_is_shown_the_place_and_then_that_the_model_is_at_it(
    redis: Redis, tmp_path: Path
) -> None:
    line = (Piece("", waiting=3), Piece("", waiting=1), Piece(""))
    room = Room(redis, tmp_path, Parrot(*line, *WHOLE))

    reply = await room.ask()

    assert (reply.places, reply.thoughts, reply.frames) == ([3, 1], [""], ["Po"])
    assert reply.text == "Polly"


async def test_who_never_waits_is_shown_no_line(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(Piece(""), *WHOLE))

    reply = await room.ask()

    assert (reply.places, reply.thoughts) == ([], [])


async def test_who_stops_in_the_line_was_answered_nothing(redis: Redis, tmp_path: Path) -> None:
    class Waiting(Parrot):
        async def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
            self.asks.append(ask)
            yield Piece("", waiting=3)
            room.stop()
            await asyncio.sleep(30)

    room = Room(redis, tmp_path, Waiting())

    reply = await room.ask()

    assert (reply.ending, room.notebook.traces[0].answer) == ("stopped", "")
    assert await room.remembered() == ()


async def test_a_prompt_has_a_manner_of_its_own(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    (tmp_path / "parrot.yaml").write_text("system: Hi.\ntransport: draft\nformat: rich\n", "utf-8")

    reply = await room.ask()

    assert reply.manner == Manner(Transport.DRAFT, Format.RICH)


async def test_what_is_quoted_stands_above_the_question(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))

    await room.conversations.answer(Question("1", "true?", ANNA, GROUP, quote="two\nlines"))

    assert room.model.asks[0].question == "Anna: > two\n> lines\n\ntrue?"


async def test_the_newest_answer_is_in_sight_of_the_prompt_that_gave_it(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    (tmp_path / "raven.yaml").write_text("system: Nevermore.", "utf-8")
    assert not await room.conversations.is_in_sight(HERE, 1)

    await room.ask()

    assert await room.conversations.is_in_sight(HERE, 1)
    assert not await room.conversations.is_in_sight(HERE, 2)
    await ChatState(redis).choose_prompt(HERE.conversation, "raven")
    assert not await room.conversations.is_in_sight(HERE, 1)


async def test_after_a_long_silence_the_newest_answer_is_out_of_sight(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    (tmp_path / "parrot.yaml").write_text("system: Hi.\nhistory: {idle_reset: 1h}\n", "utf-8")
    await room.ask()

    room.clock.advance(3601)

    assert not await room.conversations.is_in_sight(HERE, 1)


@pytest.mark.parametrize(
    ("said", "ending"),
    [
        (Piece("Polly", Ending.COMPLETE), "finished"),
        (Piece("Pol", Ending.TRUNCATED), "finished"),
        (Piece("Pol"), "stopped"),
    ],
    ids=["complete", "truncated", "stopped"],
)
async def test_what_could_not_be_delivered_is_delivered_without_asking_again(
    redis: Redis, tmp_path: Path, said: Piece, ending: str
) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    room.replies.undelivered = said

    reply = await room.ask()

    assert room.model.asks == []
    assert reply.ending == ending
    assert [turn.answer for turn in await room.remembered()] == [said.text]


async def test_a_stop_whose_cancellation_got_lost_is_noticed_at_the_next_piece(
    redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PressedParrot(Parrot):
        async def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
            room.stop()
            async for piece in super().stream(ask):
                yield piece

    monkeypatch.setattr(StopSwitch, "press", lambda switch: setattr(switch, "is_pressed", True))
    room = Room(redis, tmp_path, PressedParrot(*WHOLE))

    reply = await room.ask()

    assert (reply.ending, reply.frames) == ("stopped", [])
