"""The messages of a reply before the Telegram of the sandbox: none twice, none left, none of others touched."""

import asyncio

import pytest

from bot.errors import ChatGone
from bot.replies.live import LiveReply
from bot.sandbox.telegram.world import Fault
from bot.types import ConversationKey, Manner, Place, Transport
from tests.tools.reply_stage import AwayRedis, Trouble
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


def test_other_people_may_write_between_the_attempts() -> None:
    stage = WorldStage(Home.GROUP)
    stage.world.faults.add(Fault.lost_answer(), "sendMessage")

    async def story(reply: LiveReply) -> None:
        ending = asyncio.ensure_future(reply.finish("раз"))
        await stage.time.sleep(0.5)
        for number in range(3):
            stage.asks(f"болтовня {number}", BORIS)
        await ending

    stage.play(story)

    assert stage.texts() == ["раз"]


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


def test_without_redis_nobody_looks_and_the_answer_is_there() -> None:
    stage = WorldStage()
    stage.world.faults.add(Fault.lost_answer(), "sendMessage")

    stage.play(finishes("раз"), process=stage.process(redis=AwayRedis()))

    assert stage.texts() == ["раз", "раз"]
    assert stage.called("deleteMessage", "editMessageText") == []


def test_where_the_question_is_not_known_nobody_looks_above_the_answer() -> None:
    stage = WorldStage()
    stage.play(finishes("earlier"), reply_id="0")
    stage.world.faults.add(Fault.lost_answer(), "sendMessage")

    stage.play(finishes("раз"), place=Place(ConversationKey(42, stage.chat_id)))

    assert stage.texts() == ["earlier", "раз", "раз"]


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
        await reply.fail(Trouble(), kept=ANSWER)

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
