from collections.abc import AsyncIterator, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.backends.lines import batches, payload


async def arriving(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def lines_of(chunks: Iterable[bytes]) -> list[bytes]:
    return [line async for batch in batches(arriving(chunks)) for line in batch]


async def test_lines_that_came_together_stay_together() -> None:
    assert [batch async for batch in batches(arriving([b"a\nb\nc", b"d\n"]))] == [[b"a", b"b"], [b"cd"]]


async def test_a_last_line_without_its_newline_is_a_line() -> None:
    assert await lines_of([b"a\nb"]) == [b"a", b"b"]


async def test_separators_that_json_allows_in_strings_do_not_cut() -> None:
    text = "one\u2028two\x85three\x0cfour".encode()

    assert await lines_of([text + b"\n"]) == [text]


@given(st.lists(st.binary(max_size=20)), st.data())
async def test_however_bytes_are_cut_the_lines_are_the_same(lines: list[bytes], data: st.DataObject) -> None:
    body = b"".join(line.replace(b"\n", b" ") + b"\n" for line in lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=10)))
    chunks = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]

    assert b"".join(line + b"\n" for line in await lines_of(chunks)) == body


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
