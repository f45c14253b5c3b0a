from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.models import tokens
from bot.sandbox.models.faults import Filter, Revise, Truncate
from bot.sandbox.models.request import CompletionRequest
from bot.sandbox.models.transcript import CANNED_TEXT, transcript
from tests.tools import protos

REQUEST = CompletionRequest.model_validate({"messages": [{"role": "user", "text": "Who are you?"}]})
THINKING = CompletionRequest.model_validate(
    {"completionOptions": {"reasoningOptions": {"mode": "ENABLED_HIDDEN"}, "maxTokens": "2"}},
)
ANSWER = "A stand-in, no more than that."


@given(st.text())
def test_tokens_join_to_the_text(text: str) -> None:
    assert "".join(tokens.split(text)) == text


def test_a_long_word_comes_in_parts() -> None:
    assert tokens.split("Hello, streaming!") == ["Hello", ",", " strea", "ming", "!"]


def test_every_line_is_what_the_service_could_say() -> None:
    lines = [protos.completion_response(line) for line in transcript(ANSWER, REQUEST, None)]

    texts = [line.alternatives[0].message.text for line in lines]
    assert all(later.startswith(sooner) for sooner, later in pairwise(texts))
    assert texts[-1] == ANSWER
    assert [line.alternatives[0].status for line in lines] == [1] * (len(lines) - 1) + [3]


def test_counters_grow_with_the_answer() -> None:
    lines = [protos.completion_response(line) for line in transcript(ANSWER, REQUEST, None)]

    assert [line.usage.completion_tokens for line in lines] == list(range(1, len(lines) + 1))
    assert {line.usage.input_text_tokens for line in lines} == {4}
    assert lines[-1].usage.total_tokens == 4 + len(lines)


def test_counters_are_strings() -> None:
    [*_, last] = transcript(ANSWER, REQUEST, None)

    assert last["usage"]["inputTextTokens"] == "4"


def test_the_limit_of_tokens_cuts_the_answer() -> None:
    [_, last] = transcript(ANSWER, THINKING, None)

    assert last["alternatives"][0]["status"] == "ALTERNATIVE_STATUS_TRUNCATED_FINAL"


def test_thinking_is_counted_as_writing() -> None:
    [_, last] = transcript(ANSWER, THINKING, None)

    assert last["usage"]["completionTokensDetails"] == {"reasoningTokens": "48"}
    assert last["usage"]["completionTokens"] == "50"


def test_an_empty_answer_has_an_end_too() -> None:
    [only] = transcript("", REQUEST, None)

    assert only["alternatives"][0]["status"] == "ALTERNATIVE_STATUS_FINAL"


def test_the_filter_puts_its_canned_text_in_the_answers_place() -> None:
    *before, last = transcript(ANSWER, REQUEST, Filter(after_pieces=2))

    assert len(before) == 2
    parsed = protos.completion_response(last)
    assert parsed.alternatives[0].status == 4
    assert parsed.alternatives[0].message.text == CANNED_TEXT
    assert parsed.usage.total_tokens == 0


def test_a_fault_can_truncate() -> None:
    assert len(list(transcript(ANSWER, REQUEST, Truncate(after_pieces=3)))) == 3


def test_a_revised_text_is_no_beginning_of_the_next_one_but_ends_well() -> None:
    texts = [line["alternatives"][0]["message"]["text"] for line in transcript(ANSWER, REQUEST, Revise())]

    assert not texts[3].startswith(texts[2])
    assert texts[-1] == ANSWER
