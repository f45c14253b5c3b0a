import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.backends.yandex import wire
from bot.backends.yandex.growth import Growth

TRICKY = 'He said "no\\", then\u2028\U0001f30d\\\\ {"text": "Привет"}\n\t\\"'


def line(text: str, status: str = "PARTIAL", *, dense: bool = False, escaped: bool = False) -> bytes:
    said = {"alternatives": [{"message": {"role": "assistant", "text": text}, "status": status}]}
    usage = {"completionTokens": str(len(text))}
    whole = {"result": {**said, "usage": usage, "modelVersion": "1"}}
    separators = (",", ":") if dense else None
    return json.dumps(whole, ensure_ascii=escaped, separators=separators).encode(errors="surrogatepass")


def told(lines: list[bytes]) -> list[wire.Said | None]:
    """What is read of lines in the middle of a block, one after another."""
    growth = Growth()
    return [growth.said_by(b"{}\n" + one + b"\n{}", 3, 3 + len(one)) for one in lines]


@pytest.mark.parametrize("dense", [True, False])
@pytest.mark.parametrize("escaped", [True, False])
def test_a_text_that_grows_is_read_as_if_it_were_new(*, dense: bool, escaped: bool) -> None:
    text = TRICKY * 3
    lines = [line(text[:end], dense=dense, escaped=escaped) for end in range(1, len(text) + 1)]
    lines.append(line(text, wire.FINAL, dense=dense, escaped=escaped))

    assert told(lines) == [wire.said_by(one) for one in lines]


@given(
    st.lists(st.text(alphabet='a"\\Ж🌍\ud83d\udf0d\n', max_size=8), max_size=8),
    st.lists(st.booleans(), min_size=8, max_size=8),
)
def test_any_row_of_lines_is_read_as_each_alone(texts: list[str], grows: list[bool]) -> None:
    lines, whole = [], ""
    for text, does_grow in zip(texts, grows, strict=False):
        whole = whole + text if does_grow else text
        lines.append(line(whole, escaped=True))

    assert told(lines) == [wire.said_by(one) for one in lines]


@given(st.lists(st.sampled_from([b'{"result":', b'"text":"', b"a", b'"', b"\\", b"}", b"{"]), max_size=6))
def test_a_broken_end_of_a_line_is_no_line(rest: list[bytes]) -> None:
    head, _, _ = line("Hello").rpartition(b'"status"')
    lines = [line("Hello"), head.removesuffix(b'"}, ') + b"".join(rest)]

    assert told(lines) == [wire.said_by(one) for one in lines]


@pytest.mark.parametrize(
    "other",
    [
        {"text": "first", "alternatives": [{"message": {"text": "Hello"}}]},
        {"alternatives": [{"message": {"text": "Hello", "more": {"text": "Hello"}}}]},
        {"text": "Hello", "alternatives": [{"message": {"text": "Hello"}}]},
        {"alternatives": [{"message": {"text": "Hello"}}, {"message": {"text": "Hello"}}]},
    ],
)
def test_another_text_in_the_line_is_not_taken_for_the_answer(other: dict[str, Any]) -> None:
    longer = json.dumps({"result": other}).replace("Hello", "Hello, you")
    lines = [json.dumps({"result": other}).encode(), longer.encode()]

    assert told(lines) == [wire.said_by(one) for one in lines]


@given(
    st.lists(st.tuples(st.text(alphabet='a"\\Ж\n', max_size=8), st.booleans()), min_size=1, max_size=12),
    st.integers(1, 4),
    st.sampled_from([b"\n", b"\n\n", b"\r\n", b"\r\n\r\n"]),
)
def test_the_last_line_of_a_block_is_read_as_alone_or_not_at_all(
    steps: list[tuple[str, bool]], together: int, end: bytes
) -> None:
    lines, whole = [], ""
    for text, does_grow in steps:
        whole = whole + text if does_grow else text
        lines.append(line(whole))
    growth = Growth()

    for first in range(0, len(lines), together):
        some = lines[first : first + together]
        block = b"".join(one + end for one in some)
        assert growth.said_last(block) in (None, wire.said_by(some[-1]))
        growth.said_by(block, start := len(block) - len(end) - len(some[-1]), start + len(some[-1]))


def test_the_last_line_is_found_without_a_look_at_the_others() -> None:
    growth, text = Growth(), "word " * 100
    growth.said_by(line(text), 0, len(line(text)))

    block = b"".join(b"data: " * (number == 0) + line(text + "more " * number) + b"\n" for number in range(4))

    assert growth.said_last(block) == wire.said_by(line(text + "more " * 3))
    assert growth.said_last(b"") is growth.said_last(b"\n\n") is growth.said_last(b"{}\n") is None


def test_a_line_of_a_frame_is_read_too() -> None:
    lines = [b"data: " + line("Hello") + b"\r", b"data: " + line("Hello, you") + b"\r"]

    assert told(lines) == [wire.said_by(one) for one in lines]


def test_what_is_known_is_not_parsed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[int] = []
    said_by = wire.said_by

    def watched(one: bytes) -> wire.Said | None:
        parsed.append(len(one))
        return said_by(one)

    monkeypatch.setattr(wire, "said_by", watched)
    long = "word " * 1000

    told([line(long), line(long + "more"), line(long + "more and more")])

    assert [length < 300 for length in parsed] == [False, True, True, True]
