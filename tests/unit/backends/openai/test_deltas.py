import json
import time
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.backends.failures import Refusal
from bot.backends.openai.deltas import Deltas
from bot.backends.openai.thoughts import Sieve
from bot.errors import BackendError, BlindModel, ContentFiltered, ContextTooLong, Rejected
from bot.types import Ending, Piece, Usage
from tests.tools.chunks import DONE, answer, delta, event, thought, usage

COMPLETE, TRUNCATED = Ending.COMPLETE, Ending.TRUNCATED


def read(blocks: Iterable[bytes], deltas: Deltas | None = None) -> tuple[list[Piece], Deltas]:
    """Return the pieces of blocks of lines, as a stream would ask for them."""
    deltas = deltas or Deltas()
    pieces = []
    for block in blocks:
        if deltas.is_over or deltas.failure is not None:
            break
        pieces.append(deltas.read(block))
    if not deltas.is_over and deltas.failure is None:
        pieces.append(deltas.end())
    return [piece for piece in pieces if piece is not None], deltas


def failure_of(deltas: Deltas) -> BackendError | None:
    failure = deltas.failure
    return failure.as_error(str, "7") if isinstance(failure, Refusal) else failure


def test_what_is_new_is_added_to_what_was_said() -> None:
    pieces, _ = read(answer(["Hello", ", ", "world"]))

    assert [piece.text for piece in pieces] == ["Hello", "Hello, ", *["Hello, world"] * 2]
    assert pieces[-1] == Piece("Hello, world", COMPLETE, Usage(7, 3), "m")


def test_chunks_that_came_together_make_one_piece() -> None:
    pieces, _ = read([b"".join(answer(["Hello", ", ", "world"]))])

    assert pieces == [Piece("Hello, world", COMPLETE, Usage(7, 3), "m")]


def test_an_end_with_text_and_without_usage_is_an_end() -> None:
    """As Yandex's own models end."""
    pieces, _ = read([delta("The"), delta(" end.", "stop"), DONE])

    assert [piece.text for piece in pieces] == ["The", "The end.", "The end."]
    assert (pieces[-1].ending, pieces[-1].usage) == (COMPLETE, None)


@pytest.mark.parametrize(
    ("tail", "ending", "told"),
    [
        ([delta(finish="stop"), DONE], COMPLETE, None),
        ([delta(finish="length"), DONE], TRUNCATED, None),
        ([delta(finish="eos"), DONE], COMPLETE, None),
        ([delta(finish="length"), event(choices=[], usage=usage(1, 2))], TRUNCATED, Usage(1, 2)),
        ([delta(finish="stop", usage=usage(1, 2))], COMPLETE, Usage(1, 2)),
        ([delta(finish="stop", usage=usage(1, 2)), event(usage=usage(3, 4))], COMPLETE, Usage(1, 2)),
        ([delta("", usage=usage(1, 1)), delta(finish="stop"), event(usage=usage(3, 4))], COMPLETE, Usage(3, 4)),
        ([delta("", usage=usage(1, 1)), delta(finish="stop"), DONE], COMPLETE, Usage(1, 1)),
        ([delta(finish="stop")], COMPLETE, None),
        ([delta(finish="stop"), event(choices=[], usage=None)], COMPLETE, None),
        ([DONE], COMPLETE, None),
        ([event(choices=[], usage=usage(1, 2)), DONE], COMPLETE, Usage(1, 2)),
        ([event(choices=[], usage=usage(1, 2)), delta(finish="stop"), DONE], COMPLETE, Usage(1, 2)),
    ],
)  # fmt: skip
def test_every_way_to_end_is_understood(tail: list[bytes], ending: Ending, told: Usage | None) -> None:
    for blocks in ([delta("A"), *tail], [delta("A") + b"".join(tail)]):
        pieces, deltas = read(blocks)

        assert (pieces[-1].text, pieces[-1].ending, pieces[-1].usage) == ("A", ending, told)
        assert deltas.is_over
        assert all(piece.ending is None and piece.usage is None for piece in pieces[:-1])


@pytest.mark.parametrize(
    "blocks", [[], [b"\n"], [delta("A")], [thought("Hm")], [DONE], [b": ping\n", b"event: x\n"]]
)
def test_an_answer_without_an_end_is_not_whole(blocks: list[bytes]) -> None:
    pieces, deltas = read(blocks)

    assert not deltas.is_over
    assert deltas.failure is None
    assert all(piece.ending is None for piece in pieces)


def test_an_answer_may_be_empty() -> None:
    """A model may think until its tokens are used up."""
    pieces, _ = read([delta(finish="length"), DONE])

    assert pieces == [Piece("", TRUNCATED, None, "m")]


def test_thoughts_are_kept_apart() -> None:
    pieces, _ = read([thought("Let me"), thought(" see."), delta("Yes."), delta(finish="stop"), DONE])

    assert [(piece.text, piece.thought) for piece in pieces] == [
        ("", "Let me"),
        ("", "Let me see."),
        ("Yes.", "Let me see."),
        ("Yes.", "Let me see."),
    ]


def test_thoughts_in_the_text_are_found_with_a_sieve() -> None:
    chunks = answer(["<th", "ink>Let me", " see.</think>", "\n\nYes", "."])

    pieces, _ = read(chunks, Deltas(Sieve()))

    assert [(piece.text, piece.thought) for piece in pieces][-1] == ("Yes.", "Let me see.")
    assert not any("<" in piece.text for piece in pieces)


def test_what_the_sieve_holds_back_is_told_at_the_end() -> None:
    pieces, _ = read(answer(["<", "th"]), Deltas(Sieve()))

    assert [piece.text for piece in pieces] == ["<th"]


def whole(**message: Any) -> dict[str, Any]:
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": "Hello", **message},
        "finish_reason": "stop",
    }
    return {"object": "chat.completion", "model": "m", "choices": [choice], "usage": usage(1, 2)}


@pytest.mark.parametrize("indent", [None, 2])
def test_an_answer_that_comes_at_once_and_whole_is_an_answer(indent: int | None) -> None:
    body = json.dumps(whole(reasoning_content="Hm"), indent=indent).encode() + b"\n"

    for blocks in ([body], [line + b"\n" for line in body.split(b"\n")]):
        pieces, deltas = read(blocks)

        assert pieces == [Piece("Hello", COMPLETE, Usage(1, 2), "m", "Hm")]
        assert deltas.is_over


def test_a_whole_answer_needs_no_reason_to_end() -> None:
    pieces, _ = read([json.dumps({"choices": [{"message": {"content": "Hello"}}]}).encode()])

    assert [(piece.text, piece.ending) for piece in pieces] == [("Hello", None), ("Hello", COMPLETE)]


@pytest.mark.parametrize(
    ("chunk", "kind"),
    [
        (delta("Look at ya.ru", "content_filter"), ContentFiltered),
        (delta(finish="tool_calls"), Rejected),
        (event(error={"error": "number of input tokens must be no more than 32768"}), ContextTooLong),
        (event(error={"message": "m is not a multimodal model", "code": 400}), BlindModel),
        (event(error="m is not a multimodal model"), BlindModel),
    ],
)
def test_what_breaks_an_answer_off_lets_stand_what_was_said(chunk: bytes, kind: type[BackendError]) -> None:
    for blocks in ([delta("A"), delta("B"), chunk, DONE], [delta("A"), delta("B") + chunk + DONE]):
        pieces, deltas = read(blocks)

        assert [piece.text for piece in pieces] == ["A", "AB"]
        assert type(failure_of(deltas)) is kind
        assert not deltas.is_over


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"error": {"code": "odd", "message": "number of input tokens must be no more"}}', ContextTooLong),
        (b'{\n "error":\n "m is not a multimodal model"\n}', BlindModel),
        (b"rpc error: code = InvalidArgument desc = temperature", Rejected),
    ],
)  # fmt: skip
def test_an_error_in_place_of_an_answer_is_one_of_ours(body: bytes, kind: type[BackendError]) -> None:
    pieces, deltas = read([body])

    assert pieces == []
    assert type(failure_of(deltas)) is kind


def test_a_page_in_place_of_an_answer_is_no_answer() -> None:
    pieces, deltas = read([b"<html>a proxy's page</html>\n", b"x" * 9_000_000 + b"\n", b"more\n"])

    assert (pieces, deltas.failure, deltas.is_over) == ([], None, False)


@given(st.lists(st.sampled_from(["Hel", "lo ", "🌍", "\u2028", '"}', ""]), min_size=1), st.data())
def test_however_events_come_together_the_answer_is_whole(texts: list[str], data: st.DataObject) -> None:
    chunks = list(answer(texts))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(chunks)), max_size=5)))
    blocks = [b"".join(chunks[start:end]) for start, end in zip([0, *cuts], [*cuts, len(chunks)], strict=True)]

    pieces, _ = read(blocks)

    assert pieces[-1] == Piece("".join(texts), COMPLETE, Usage(7, len(texts)), "m")


def test_ten_thousand_pieces_cost_ten_times_a_thousand() -> None:
    def cost_s(count: int) -> float:
        chunks, deltas = list(answer(["слово "] * count)), Deltas()
        began_s = time.process_time()
        for chunk in chunks[:-1]:
            deltas.read(chunk)
        assert deltas.is_over
        return time.process_time() - began_s

    cost_s(100)

    assert min(cost_s(10_000) for _ in range(3)) < 30 * min(cost_s(1_000) for _ in range(3))
