import json
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.backends.lines import Blocks, is_done, newest_first, parsed, payload


def blocks_of(chunks: Iterable[bytes]) -> list[bytes]:
    blocks = Blocks()
    return [block for block in (*map(blocks.take, chunks), blocks.rest()) if block]


def lines_of(chunks: Iterable[bytes]) -> list[bytes]:
    together = blocks_of(chunks)
    return [line for block in together for line in reversed([block[a:b] for a, b in newest_first(block)])]


def test_lines_that_came_together_stay_together() -> None:
    assert blocks_of([b"a\nb\nc", b"d\n", b"", b"e"]) == [b"a\nb\n", b"cd\n", b"e"]


@pytest.mark.parametrize(
    ("block", "lines"),
    [(b"", []), (b"\n", [b""]), (b"a", [b"a"]), (b"a\n\nb\n", [b"b", b"", b"a"]), (b"\na", [b"a", b""])],
)
def test_the_newest_line_of_a_block_comes_first(block: bytes, lines: list[bytes]) -> None:
    assert [block[start:end] for start, end in newest_first(block)] == lines


def test_a_last_line_without_its_newline_is_a_line() -> None:
    assert lines_of([b"a\nb"]) == [b"a", b"b"]


def test_separators_that_json_allows_in_strings_do_not_cut() -> None:
    text = "one\u2028two\x85three\x0cfour".encode()

    assert lines_of([text + b"\n"]) == [text]


@given(st.lists(st.binary(max_size=20)), st.data())
def test_however_bytes_are_cut_the_lines_are_the_same(lines: list[bytes], data: st.DataObject) -> None:
    body = b"".join(line.replace(b"\n", b" ") + b"\n" for line in lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=10)))
    chunks = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]

    assert b"".join(line + b"\n" for line in lines_of(chunks)) == body


@pytest.mark.parametrize(
    ("line", "carried"),
    [
        (b'{"a": 1}', b'{"a": 1}'),
        (b'data: {"a": 1}\r', b'{"a": 1}'),
        (b"data:[1]", b"[1]"),
        (b"", b""),
        (b"\r", b""),
        (b"data: [DONE]", b""),
        (b"[DONE]", b""),
    ],
)
def test_a_line_is_freed_from_its_frame(line: bytes, carried: bytes) -> None:
    assert payload(line) == carried


@pytest.mark.parametrize(
    ("line", "is_it"), [(b"data: [DONE]\r", True), (b"[DONE]", True), (b"", False), (b'data: "[DONE]"', False)]
)
def test_the_last_line_may_say_that_it_is_the_last(line: bytes, is_it: bool) -> None:  # noqa: FBT001 - a case
    assert is_done(line) is is_it


@pytest.mark.parametrize(
    "line", [b"", b"data: [DONE]", b"{} {}", b'{"a": 1}x', b"\xff", b"[" * 100_000, b'{"a":', b"\xef\xbb\xbf{}"]
)
def test_what_is_no_json_is_nothing(line: bytes) -> None:
    assert parsed(line) is None


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_a_line_carries_what_was_written(value: object) -> None:
    assert parsed(b"data:  " + json.dumps(value).encode() + b" \r") == value
