"""What is kept of turns, and in which shape."""

from typing import Any

from bot.sandbox.page.inspector import Inspector, trace_json
from tests.tools.page_stage import BEN, turn_trace


def test_a_trace_tells_what_the_model_was_sent() -> None:
    seen = trace_json(turn_trace(BEN, 5))

    assert seen["prompt"] == "assistant"
    assert seen["model"] == {
        "name": "yandexgpt/latest",
        "temperature": 0.3,
        "max_tokens": 500,
        "reasoning": False,
    }
    assert seen["system"] == "You are a talking bird."
    assert seen["examples"] == [{"question": "Who are you?", "answer": "A bird."}]
    assert [turn["answer"] for turn in seen["history"]] == ["A bird in **blue**."]
    assert seen["question"] == "And a sparrow?"


def test_a_trace_counts_tokens_and_seconds() -> None:
    seen = trace_json(turn_trace(BEN, 5))

    assert seen["usage"] == {
        "input_tokens": 120,
        "completion_tokens": 30,
        "reasoning_tokens": 10,
        "total_tokens": 150,
    }
    assert (seen["first_text_s"], seen["total_s"]) == (0.5, 2.25)


def test_a_service_that_counts_nothing_leaves_the_counts_empty() -> None:
    assert trace_json(turn_trace(BEN, 5, usage=None))["usage"] is None


def test_every_message_of_an_answer_leads_to_its_turn() -> None:
    inspector = Inspector()

    inspector.turn_ended(turn_trace(BEN, 5, 6, answer="long"))

    for message_id in (5, 6):
        found = inspector.trace_of(BEN, message_id)
        assert found is not None
        assert found["answer"] == "long"


def test_the_same_number_in_another_chat_is_another_message() -> None:
    inspector = Inspector()

    inspector.turn_ended(turn_trace(BEN, 5))

    assert inspector.trace_of(BEN + 1, 5) is None


def test_only_the_newest_turns_are_kept() -> None:
    inspector = Inspector(keep=2)

    for message_id in (1, 2, 3):
        inspector.turn_ended(turn_trace(BEN, message_id))

    assert [trace["message_ids"] for trace in inspector.traces] == [[2], [3]]
    assert inspector.trace_of(BEN, 1) is None


def test_forgetting_an_old_turn_keeps_the_newer_one_with_the_same_message() -> None:
    inspector = Inspector(keep=1)

    inspector.turn_ended(turn_trace(BEN, 1, answer="first attempt"))
    inspector.turn_ended(turn_trace(BEN, 1, answer="second attempt"))

    found = inspector.trace_of(BEN, 1)
    assert found is not None
    assert found["answer"] == "second attempt"


def test_listeners_hear_of_every_turn() -> None:
    inspector, heard = Inspector(), list[dict[str, Any]]()
    inspector.listen(heard.append)

    inspector.turn_ended(turn_trace(BEN, 1))

    assert heard == list(inspector.traces)
