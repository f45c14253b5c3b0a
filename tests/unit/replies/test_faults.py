"""Everything that can go wrong with every call of a reply: the answer stays whole, in order, and once.

A long answer grows in every kind of chat and by every way. It is first told without misfortunes, to count the
calls; then again for each call and each misfortune that may befall it.
"""

from collections.abc import Callable
from itertools import product

import pytest

from bot.errors import ChatGone
from bot.sandbox.telegram.world import Fault
from tests.tools.telling import SCENES, WORDS, Misfortune, Scene, Telling, words_of
from tests.tools.world_stage import ANNA, Home, WorldStage

pytestmark = pytest.mark.exhaustive


def fault(one: Fault, method: str = "*") -> Misfortune:
    return lambda stage: stage.world.faults.add(one, method)


def refusal(code: int, description: str, method: str = "*") -> Misfortune:
    return fault(Fault.refusal(code, description), method)


def upgrade(stage: WorldStage) -> None:
    stage.world.upgrade_to_supergroup(stage.chat_id, -1009)


def close_topic(stage: WorldStage) -> None:
    assert stage.topic_id
    stage.world.close_topic(stage.chat_id, stage.topic_id)


def shut_out(stage: WorldStage) -> None:
    if stage.home is Home.PRIVATE:
        stage.world.block(stage.chat_id)
    else:
        stage.world.set_bot_status(stage.chat_id, ANNA, "kicked")


OUTAGES = {
    "its answer is lost": fault(Fault.lost_answer()),
    "its answer is lost late": fault(Fault(delay_s=15, is_answer_lost=True)),
    "telegram has an error": fault(Fault.server_error()),
    "a proxy answers in html": fault(Fault.bad_gateway()),
    "it times out": fault(Fault(delay_s=45, is_dropped=True)),
    "the connection breaks": fault(Fault.drop()),
}
REFUSALS = {
    "flood control wants 3 s": fault(Fault.flood(3)),
    "flood control wants 10 s": fault(Fault.flood(10)),
    "nothing is said to have changed": refusal(
        400, "Bad Request: message is not modified: specified new message content", "editMessageText"
    ),
    "its entities are refused": refusal(400, "Bad Request: can't parse entities: Can't find end of the entity"),
    "it is too long": refusal(400, "Bad Request: MESSAGE_TOO_LONG"),
    "its method is unknown": refusal(404, "Not Found: method not found"),
}
DELETIONS = {
    "the newest message is deleted": slice(-1, None),
    "the first message is deleted": slice(0, 1),
    "all messages are deleted": slice(None),
}


def told(scene: Scene, misfortunes: dict[int, Misfortune] | None = None) -> Telling:
    telling = Telling(WorldStage(scene.home), scene, misfortunes or {})
    telling.run()
    return telling


def told_with_each(
    scene: Scene, misfortune: Misfortune, check: Callable[[Telling], None], *, times: int = 1
) -> None:
    """Tell the answer once for each of its calls, with the misfortune before it."""
    calls = told(scene).calls
    for first in range(calls + 1):
        telling = told(scene, dict.fromkeys(range(first, first + times), misfortune))
        telling.assert_quiet()
        check(telling)


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_without_misfortunes_all_is_well(scene: Scene) -> None:
    telling = told(scene)

    telling.assert_quiet()
    telling.assert_whole()
    assert telling.attempts == 1
    assert telling.calls >= 5


@pytest.mark.parametrize("scene", SCENES, ids=str)
@pytest.mark.parametrize("what", [*(OUTAGES | REFUSALS)])
def test_whatever_a_call_meets_the_answer_is_whole(scene: Scene, what: str) -> None:
    def check(telling: Telling) -> None:
        telling.assert_whole()
        # What nobody can show in another way is left to the worker, which tries again.
        assert telling.attempts <= (2 if what in {"its entities are refused", "its method is unknown"} else 1)

    told_with_each(scene, (OUTAGES | REFUSALS)[what], check)


@pytest.mark.parametrize("scene", SCENES, ids=str)
@pytest.mark.parametrize("what", [*OUTAGES])
def test_whatever_two_calls_in_a_row_meet_the_answer_is_whole(scene: Scene, what: str) -> None:
    told_with_each(scene, OUTAGES[what], Telling.assert_whole, times=2)


@pytest.mark.parametrize("scene", SCENES, ids=str)
@pytest.mark.parametrize("what", [*DELETIONS])
def test_what_a_person_deletes_while_it_grows_comes_again(scene: Scene, what: str) -> None:
    """A message that was complete is not touched again, and no bot is told that it is gone: it stays so."""
    deleted: list[list[str]] = []

    def misfortune(stage: WorldStage) -> None:
        chosen = stage.messages()[DELETIONS[what]]
        deleted[:] = [words_of(stage.world.rich_text(stage.home_id, one["message_id"])) for one in chosen]
        for message in chosen:
            stage.world.delete_message(stage.home_id, message["message_id"])

    def check(telling: Telling) -> None:
        shown = telling.shown
        gone = [words for words in deleted if not set(words) & set(shown)]
        telling.assert_shows([word for word in WORDS if not any(word in words for words in gone)])
        assert telling.attempts == 1

    told_with_each(scene, misfortune, check)


@pytest.mark.parametrize("scene", [one for one in SCENES if one.home is Home.FORUM], ids=str)
@pytest.mark.parametrize(
    "misfortune", [close_topic, refusal(400, "Bad Request: message thread not found")], ids=["closed", "gone"]
)
def test_an_answer_whose_topic_is_lost_is_whole_in_one_place(scene: Scene, misfortune: Misfortune) -> None:
    def check(telling: Telling) -> None:
        telling.assert_whole()
        threads = {message.get("message_thread_id") for message in telling.stage.messages()}
        assert len(threads) == 1

    told_with_each(scene, misfortune, check)


@pytest.mark.parametrize("scene", [one for one in SCENES if one.home is Home.GROUP], ids=str)
def test_an_answer_whose_group_moves_is_whole_where_it_is_now(scene: Scene) -> None:
    told_with_each(scene, upgrade, Telling.assert_whole)


@pytest.mark.parametrize("scene", [one for one in SCENES if one.home is Home.GROUP], ids=str)
def test_what_is_lost_on_both_sides_of_a_move_is_found_where_ids_count_anew(scene: Scene) -> None:
    lost, calls = fault(Fault.lost_answer()), told(scene).calls
    for before, move in product(range(1, calls), range(2, calls + 2)):
        if before < move:
            telling = told(scene, {before: lost, move: upgrade, move + 1: lost})
            telling.assert_quiet()
            telling.assert_whole()


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_nobody_is_called_who_has_shut_the_bot_out(scene: Scene) -> None:
    calls = told(scene).calls
    for first in range(calls):
        telling = told(scene, {first: shut_out})

        # Typing is shown by the way, and what it meets is not looked at.
        is_typing = telling.stage.world.calls[first].method == "sendChatAction"
        telling.assert_quiet()
        assert isinstance(telling.error, ChatGone)
        assert telling.calls == first + 1 + is_typing


@pytest.mark.parametrize("is_applied", [False, True], ids=["before the call", "before its answer"])
@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_reply_that_is_killed_at_any_call_is_finished_by_the_next_process(
    scene: Scene, *, is_applied: bool
) -> None:
    calls = told(scene).calls
    for number in range(calls):
        telling = Telling(WorldStage(scene.home), scene, dies=[(number, is_applied)])
        telling.run()

        telling.assert_quiet()
        telling.assert_whole()


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_reply_that_is_killed_twice_is_finished_by_the_third_process(scene: Scene) -> None:
    calls = told(scene).calls
    for first, second in product(range(0, calls, 2), range(0, calls, 3)):
        telling = Telling(WorldStage(scene.home), scene, dies=[(first, True), (second, True)])
        telling.run()

        telling.assert_quiet()
        telling.assert_whole()
