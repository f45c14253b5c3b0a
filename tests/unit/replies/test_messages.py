"""The messages of a reply before the Telegram of the sandbox: none twice, none left, none of others touched."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import ChatGone, DeliveryError
from bot.replies.ledger import Ledger
from bot.replies.live import LiveReply
from bot.sandbox.telegram.rooms import MessageIds
from bot.sandbox.telegram.world import Chat, Fault
from bot.types import ConversationKey, Manner, Piece, Place, Transport
from tests.tools.reply_stage import FullRedis, Trouble
from tests.tools.telling import ANSWER, WORDS, words_of
from tests.tools.world_session import Killed
from tests.tools.world_stage import BORIS, FORUM, OTHER_TOPIC, Home, Process, Story, WorldStage


def finishes(text: str) -> Story:
    return lambda reply: reply.finish(text)


def shows(stage: WorldStage, text: str, *, seconds: float = 10) -> Story:
    async def story(reply: LiveReply) -> None:
        reply.show(text)
        await stage.time.sleep(seconds)

    return story


# Messages that may have arrived


@pytest.mark.parametrize("home", Home)
def test_a_message_whose_answer_was_lost_is_not_shown_twice(home: Home) -> None:
    stage = WorldStage(home)
    stage.world.faults.add(Fault.lost_answer(), "sendMessage", times=2)

    stage.play(finishes(ANSWER))

    assert words_of("\n".join(stage.texts())) == WORDS


@pytest.mark.parametrize(("before", "after"), [(0, 3), (0, 30), (30, 0), (5, 5)])
@pytest.mark.parametrize("home", Home)
def test_other_people_may_write_around_a_message_whose_answer_was_lost(
    home: Home, before: int, after: int
) -> None:
    stage = WorldStage(home)
    stage.world.faults.add(Fault.lost_answer(), "sendMessage")

    async def story(reply: LiveReply) -> None:
        for number in range(before):
            stage.asks(f"болтовня {number}")
        ending = asyncio.ensure_future(reply.finish("раз"))
        await stage.time.sleep(0.5)
        for number in range(after):
            stage.asks(f"ещё болтовня {number}")
        await ending

    stage.play(story)

    assert stage.texts() == ["раз"]
    assert stage.time.now < 60


def test_what_loses_a_message_may_hit_the_looks_for_it_too() -> None:
    stage = WorldStage()
    stage.world.faults.add(Fault.lost_answer(), "sendMessage")
    stage.world.faults.add(Fault.bad_gateway(), "editMessageText", after=6, times=3)

    async def story(reply: LiveReply) -> None:
        for number in range(6):
            stage.asks(f"болтовня {number}")
        ending = asyncio.ensure_future(reply.finish("раз"))
        await stage.time.sleep(0.5)
        for number in range(6):
            stage.asks(f"ещё болтовня {number}")
        await ending

    stage.play(story)

    assert stage.texts() == ["раз"]


def test_a_message_that_is_found_is_looked_for_no_more() -> None:
    stage = WorldStage()
    stage.world.faults.add(Fault.lost_answer(), "sendMessage", times=2)

    async def story(reply: LiveReply) -> None:
        ending = asyncio.ensure_future(reply.finish("раз"))
        for _ in range(4):
            await stage.time.sleep(0.5)
            stage.asks("болтовня")
        await ending

    stage.play(story)

    looks = [call for call in stage.world.calls if call.method == "editMessageText"]
    assert stage.texts() == ["раз"]
    assert len(looks) <= 6


def test_a_crash_as_soon_as_a_message_is_heard_of_leaves_it_to_the_next_attempt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = WorldStage()

    async def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "note", killed)
        with pytest.raises(Killed):
            stage.play(finishes("раз"))
    stage.play(finishes("раз два"))

    assert stage.texts() == ["раз два"]


def test_what_a_crash_left_is_found_however_much_is_said_in_other_chats() -> None:
    stage = WorldStage()
    stage.world.add_chat(Chat(BORIS, "private", members={BORIS}))
    elsewhere = Place(ConversationKey(42, BORIS))

    async def others_talk() -> None:
        for _ in range(30):
            await stage.process().notices.say(elsewhere, "notice")

    async def story() -> None:
        await others_talk()
        dying = stage.process()
        dying.session.dies_after = 0
        with pytest.raises(Killed):
            async with stage.open(dying) as reply:
                await reply.finish("раз")
        await others_talk()
        async with stage.open(stage.process()) as reply:
            await reply.finish("раз")

    asyncio.run(stage.time.run(story()))

    looks = [call for call in stage.world.calls if call.method == "editMessageText"]
    assert stage.texts() == ["раз"]
    assert len(looks) <= 5


def test_what_stands_in_other_chats_is_not_looked_at() -> None:
    stage = WorldStage()
    stage.world.add_chat(Chat(BORIS, "private", members={BORIS}))
    process, elsewhere = stage.process(), Place(ConversationKey(42, BORIS))

    def others_ask() -> list[int]:
        return [int(stage.world.say(BORIS, BORIS, "болтовня")["message_id"]) for _ in range(60)]

    async def story() -> None:
        asked = others_ask()
        dying = stage.process()
        dying.session.dies_after = 0
        with pytest.raises(Killed):
            async with stage.open(dying) as reply:
                await reply.finish("раз")
        process.journal.ledger.meet(asked + others_ask())
        for _ in range(60):
            await process.notices.say(elsewhere, "notice")
        async with stage.open(stage.process()) as reply:
            await reply.finish("раз")

    asyncio.run(stage.time.run(story()))

    looks = [call for call in stage.world.calls if call.method == "editMessageText"]
    assert stage.texts() == ["раз"]
    assert len(looks) <= 3


def test_a_lost_message_is_found_where_each_chat_counts_for_itself() -> None:
    stage = WorldStage()
    for number in range(20):
        stage.asks(f"болтовня {number}")
    stage.world.add_chat(Chat(BORIS, "private", members={BORIS}))
    rooms: Any = stage.world.state.rooms
    rooms[BORIS]._ids = MessageIds()
    there = Place(ConversationKey(42, BORIS))

    async def story() -> None:
        process = stage.process()
        await process.notices.say(stage.place, "notice")
        await process.notices.say(there, "notice")
        below = stage.world.say(BORIS, BORIS, "почему?")["message_id"]
        stage.world.faults.add(Fault.lost_answer(), "sendMessage")
        place = replace(there, below=below)
        async with stage.open(stage.process(), place=place) as reply:
            await reply.finish("раз")

    asyncio.run(stage.time.run(story()))

    shown = [one["text"] for one in stage.world.messages(BORIS) if one["from"]["id"] == 42]
    assert shown == ["notice", "раз"]


@pytest.mark.parametrize("home", Home)
def test_what_is_not_found_soon_keeps_nobody_waiting(home: Home) -> None:
    stage = WorldStage(home)
    stage.world.faults.add(Fault.drop(), "sendMessage")

    async def story(reply: LiveReply) -> None:
        ending = asyncio.ensure_future(reply.finish("раз"))
        await stage.time.sleep(0.5)
        for number in range(100):
            stage.asks(f"болтовня {number}")
        await ending

    stage.play(story)

    looks = [call for call in stage.world.calls if call.method == "editMessageText"]
    assert stage.texts() == ["раз"]
    assert 5 <= len(looks) <= 40
    assert stage.time.now < 60


def test_many_looks_leave_the_calls_of_the_chat_to_what_must_be_said() -> None:
    stage = WorldStage(Home.GROUP)
    stage.world.faults.add(Fault.drop(), "sendMessage")
    process = stage.process()
    waits: list[float] = []

    async def story(reply: LiveReply) -> None:
        ending = asyncio.ensure_future(reply.finish("раз"))
        await stage.time.sleep(0.5)
        for number in range(100):
            stage.asks(f"болтовня {number}")
        while not ending.done():
            await stage.time.sleep(8)
            began_at = stage.time.now
            await process.notices.say(stage.place, "notice")
            waits.append(stage.time.now - began_at)
        await ending

    stage.play(story, process=process)

    assert len(waits) >= 3
    assert max(waits[2:]) < 4.5, "no more than a group has to wait for one call"


def test_what_the_bot_sent_before_all_that_it_still_knows_is_not_touched() -> None:
    stage = WorldStage(Home.FORUM)
    process = stage.process(latency_s=0.005)
    notices = [f"notice {number}" for number in range(70)]

    async def story(reply: LiveReply) -> None:
        stage.world.faults.add(Fault.drop(), "sendMessage")
        ending = asyncio.ensure_future(reply.finish("раз"))
        await stage.time.sleep(0.1)
        for notice in notices:
            sent = await process.bot.send_message(FORUM, notice, message_thread_id=OTHER_TOPIC)
            await process.journal.ledger.note(FORUM, sent.message_id)
        await ending

    stage.play(story, process=process)

    assert [text for text in stage.texts() if text != "раз"] == notices


def test_messages_to_others_tell_where_a_lost_one_may_be() -> None:
    stage = WorldStage()
    process = stage.process()

    async def story(reply: LiveReply) -> None:
        for number in range(100):
            stage.asks(f"болтовня {number}")
        await process.notices.say(Place(ConversationKey(42, BORIS)), "notice")
        stage.world.faults.add(Fault.lost_answer(), "sendMessage")
        ending = asyncio.ensure_future(reply.finish("раз"))
        await stage.time.sleep(0.5)
        for number in range(100):
            stage.asks(f"ещё болтовня {number}")
        await ending

    stage.play(story, process=process)

    assert stage.texts() == ["раз"]


def dying_again_and_again(stage: WorldStage, edits: Sequence[int], talk: Sequence[int]) -> None:
    """Die while an answer is sent, and so often after so many edits; others talk before; come to the end."""

    async def story() -> None:
        for number, dies_after in enumerate((0, *edits)):
            for _ in range(talk[min(number, 1)]):
                stage.asks("болтовня")
            process = stage.process()
            process.session.dies_after = dies_after
            with pytest.raises(Killed):
                async with stage.open(process) as reply:
                    await reply.finish("раз")
        async with stage.open(stage.process()) as reply:
            await reply.finish("раз")

    asyncio.run(stage.time.run(story()))


@pytest.mark.parametrize("edits", [[2], [8], [2, 9, 4, 6]])
def test_a_search_that_was_broken_off_goes_on_where_it_was(edits: Sequence[int]) -> None:
    stage = WorldStage()

    dying_again_and_again(stage, edits, talk=(9, 3))

    assert stage.texts() == ["раз"]


@pytest.mark.parametrize("edits", [[2], [22], [8, 8, 8, 8]])
def test_a_search_among_many_comes_to_an_end_however_often_it_is_broken_off(edits: Sequence[int]) -> None:
    stage = WorldStage()

    dying_again_and_again(stage, edits, talk=(100, 100))

    looks = [call for call in stage.world.calls if call.method == "editMessageText"]
    assert len(looks) <= sum(edits) + 41


@pytest.mark.parametrize("is_crash", [False, True])
def test_the_search_for_a_lost_message_spares_what_else_the_bot_said(*, is_crash: bool) -> None:
    stage = WorldStage(Home.FORUM)
    process = stage.process()
    elsewhere = Place(ConversationKey(42, FORUM, OTHER_TOPIC), is_group=True, below=stage.question_id)

    async def says_more() -> None:
        other = stage.process()
        await other.notices.say(stage.place, "notice")
        async with stage.open(other, reply_id="other", place=elsewhere) as reply:
            await reply.finish("in another topic")

    async def loses_a_message() -> None:
        stage.world.faults.add(Fault.lost_answer(), "sendMessage")
        async with stage.open(process) as reply:
            reply.show("раз")
            await stage.time.sleep(0.9)
            await says_more()
            await reply.finish("раз два")

    async def dies() -> None:
        process.session.dies_after = 0
        with pytest.raises(Killed):
            async with stage.open(process) as reply:
                await reply.finish("раз два")
        await says_more()
        async with stage.open(stage.process()) as reply:
            await reply.finish("раз два")

    asyncio.run(stage.time.run(dies() if is_crash else loses_a_message()))

    assert sorted(stage.texts()) == ["in another topic", "notice", "раз два"]


def test_the_search_spares_answers_that_grow_at_the_same_time() -> None:
    stage = WorldStage(Home.FORUM)
    process = stage.process()
    elsewhere = Place(ConversationKey(42, FORUM, OTHER_TOPIC), is_group=True, below=stage.question_id)
    stage.world.faults.add(Fault.lost_answer(), "sendMessage", after=1)

    async def telling(text: str, reply_id: str, place: Place) -> None:
        async with stage.open(process, reply_id=reply_id, place=place) as reply:
            for end in range(0, len(text), 200):
                reply.show(text[:end])
                await stage.time.sleep(0.5)
            await reply.finish(text)

    async def story() -> None:
        await asyncio.gather(telling(ANSWER, "1", stage.place), telling(ANSWER, "2", elsewhere))

    asyncio.run(stage.time.run(story()))

    assert sorted(words_of("\n".join(stage.texts()))) == sorted(WORDS * 2)
    for topic_id in (stage.topic_id, OTHER_TOPIC):
        shown = [one["text"] for one in stage.messages() if one["message_thread_id"] == topic_id]
        assert words_of("\n".join(shown)) == WORDS


def test_the_search_spares_a_message_whose_id_another_process_does_not_know_yet() -> None:
    stage = WorldStage(Home.FORUM)
    slow = stage.process(latency_s=1.2)
    elsewhere = Place(ConversationKey(42, FORUM, OTHER_TOPIC), is_group=True)

    async def story() -> None:
        stage.world.faults.add(Fault.lost_answer(), "sendMessage")
        async with stage.open(stage.process()) as reply:
            ending = asyncio.ensure_future(reply.finish("раз"))
            await stage.time.sleep(0.2)
            await asyncio.gather(ending, slow.notices.say(elsewhere, "notice"))

    asyncio.run(stage.time.run(story()))

    assert sorted(stage.texts()) == ["notice", "раз"]


def test_while_redis_takes_nothing_nobody_looks_and_the_answer_is_there() -> None:
    stage = WorldStage()
    stage.world.faults.add(Fault.lost_answer(), "sendMessage")

    stage.play(finishes("раз"), process=stage.process(redis=FullRedis()))

    assert stage.texts() == ["раз", "раз"]
    assert stage.called("deleteMessage", "editMessageText") == []


def test_where_neither_the_question_nor_an_earlier_message_is_known_nobody_looks() -> None:
    stage = WorldStage()
    stage.world.faults.add(Fault.lost_answer(), "sendMessage")

    stage.play(finishes("раз"), place=Place(ConversationKey(42, stage.chat_id)))

    assert stage.texts() == ["раз", "раз"]
    assert stage.called("deleteMessage", "editMessageText") == []


def test_where_the_question_is_not_known_an_earlier_message_is_the_border() -> None:
    stage = WorldStage()
    stage.play(finishes("earlier"), reply_id="0")
    stage.world.faults.add(Fault.lost_answer(), "sendMessage")

    stage.play(finishes("раз"), place=Place(ConversationKey(42, stage.chat_id)))

    assert stage.texts() == ["earlier", "раз"]


def test_a_search_that_fails_is_no_failure_of_the_answer() -> None:
    stage = WorldStage()
    stage.world.faults.add(Fault.lost_answer(), "sendMessage")
    stage.world.faults.add(Fault.refusal(400, "Bad Request: something new"), "editMessageText")

    async def story(reply: LiveReply) -> None:
        await reply.finish("раз")

        assert len(reply.message_ids) == 1

    stage.play(story)

    assert set(stage.texts()) == {"раз"}


# In the place of an earlier answer


@pytest.mark.parametrize("transport", Transport)
@pytest.mark.parametrize(
    ("earlier", "later"), [(ANSWER, "Коротко."), ("Коротко.", ANSWER), (ANSWER, f"Иначе. {ANSWER}")]
)
def test_an_answer_takes_the_place_of_an_earlier_one(transport: Transport, earlier: str, later: str) -> None:
    stage = WorldStage()
    stage.play(finishes(earlier), reply_id="1")
    old = [message["message_id"] for message in stage.messages()]

    async def story(reply: LiveReply) -> None:
        for part in (3, 2, 1):
            reply.show(later[: len(later) // part])
            await stage.time.sleep(3)
        await reply.finish(later)

    stage.play(story, reply_id="2", manner=Manner(transport, in_place=tuple(old)))

    new = [message["message_id"] for message in stage.messages()]
    assert "".join("".join(stage.texts()).split()) == "".join(later.replace("**", "").split())
    assert new[0] == old[0]


def test_what_the_earlier_answer_has_too_much_goes_with_the_first_frames() -> None:
    stage = WorldStage()
    stage.play(finishes(ANSWER), reply_id="1")
    old = tuple(message["message_id"] for message in stage.messages())

    async def story(reply: LiveReply) -> None:
        reply.show("Коротко")
        await stage.time.sleep(4)
        assert stage.texts() == ["Коротко"]
        await reply.finish("Коротко.")

    stage.play(story, reply_id="2", manner=Manner(in_place=old))

    assert stage.texts() == ["Коротко."]


@pytest.mark.parametrize("home", Home)
def test_what_an_old_answer_has_too_much_and_cannot_be_deleted_shows_its_text_no_more(home: Home) -> None:
    stage = WorldStage(home)
    stage.play(finishes(ANSWER), reply_id="1")
    old = tuple(message["message_id"] for message in stage.messages())

    stage.time.now += 49 * 3600

    stage.play(finishes("Коротко."), reply_id="2", manner=Manner(in_place=old))

    assert sorted(stage.texts()) == ["Коротко.", "…", "…"]


def test_an_earlier_answer_whose_messages_are_gone_is_answered_anew() -> None:
    stage = WorldStage()

    stage.play(finishes(ANSWER), manner=Manner(in_place=(901, 902)))

    assert words_of("\n".join(stage.texts())) == WORDS


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize(("earlier", "later"), [(ANSWER, "Коротко."), ("Коротко.", ANSWER)])
def test_a_crash_while_an_answer_takes_the_place_of_another_leaves_one(
    earlier: str, later: str, number: int
) -> None:
    stage = WorldStage()
    stage.play(finishes(earlier), reply_id="0")
    manner = Manner(in_place=tuple(message["message_id"] for message in stage.messages()))
    process = stage.process()
    process.session.dies_after = number

    async def story() -> None:
        try:
            async with stage.open(process, manner=manner) as reply:
                reply.show(later[:5])
                await stage.time.sleep(3)
                await reply.finish(later)
        except Killed:
            async with stage.open(stage.process(), manner=manner) as reply:
                await reply.finish(later)

    asyncio.run(stage.time.run(story()))

    assert "".join("".join(stage.texts()).split()) == "".join(later.replace("**", "").split())


def test_a_failed_repetition_can_put_the_earlier_answer_back() -> None:
    stage = WorldStage()
    stage.play(finishes(ANSWER), reply_id="1")
    old = tuple(message["message_id"] for message in stage.messages())

    async def story(reply: LiveReply) -> None:
        reply.show("Иначе")
        await stage.time.sleep(4)
        await reply.fail(Trouble(), kept=Piece(ANSWER))

    stage.play(story, reply_id="2", manner=Manner(in_place=old))

    assert words_of("\n".join(stage.texts())) == WORDS
    assert stage.texts()[-1].endswith("Trouble in ru")


# What is left over


def test_a_crash_after_a_person_deleted_a_message_leaves_nothing_over() -> None:
    """The messages below the one that was deleted are sent anew; those that they replace must not stay."""
    for number in range(8):
        stage = WorldStage()
        process = stage.process()

        async def broken_off(reply: LiveReply, stage: WorldStage = stage) -> None:
            reply.show(ANSWER)
            await stage.time.sleep(5)
            stage.world.delete_message(stage.chat_id, stage.messages()[0]["message_id"])

        async def story(stage: WorldStage = stage, process: Process = process) -> None:
            try:
                async with stage.open(process) as reply:
                    await reply.finish("Иначе. " + ANSWER)
            except Killed:
                async with stage.open(stage.process()) as reply:
                    await reply.finish("Иначе. " + ANSWER)

        stage.play(broken_off)
        process.session.dies_after = number
        asyncio.run(stage.time.run(story()))

        assert words_of("\n".join(stage.texts())) == WORDS, number


def test_an_ended_reply_tells_what_was_delivered() -> None:
    stage = WorldStage()
    stage.play(finishes("раз **два**"))

    async def story(reply: LiveReply) -> None:
        assert reply.earlier_answer == "раз **два**"
        assert reply.message_ids == tuple(one["message_id"] for one in stage.messages())

    stage.play(story)

    assert stage.texts() == ["раз два"]


def test_a_chat_that_is_gone_is_told_at_once() -> None:
    stage = WorldStage()
    stage.world.block(stage.chat_id)

    with pytest.raises(ChatGone):
        stage.play(finishes("раз"))


@pytest.mark.parametrize("home", Home)
def test_an_answer_in_messages_of_its_own_replaces_an_earlier_one_when_it_is_there(home: Home) -> None:
    stage = WorldStage(home)
    stage.play(finishes(ANSWER))
    old = tuple(message["message_id"] for message in stage.messages())

    stage.play(finishes("раз"), reply_id="2", manner=Manner(replaces=old))

    (message,) = stage.messages()
    assert (message["text"], message["message_id"] in old) == ("раз", False)


def test_one_that_cannot_be_delivered_leaves_the_earlier_one() -> None:
    stage = WorldStage()
    stage.play(finishes("раз"))
    old = tuple(message["message_id"] for message in stage.messages())
    stage.world.faults.add(Fault.refusal(400, "Bad Request: odd"), "sendMessage", times=9)

    with pytest.raises(DeliveryError):
        stage.play(finishes("два"), reply_id="2", manner=Manner(replaces=old))

    assert stage.texts() == ["раз"]
