"""A model that writes numbered words at a steady pace, and remembers when it wrote what and to whom.

A question says what is wanted: `200 tokens by 1 to 17` are two hundred words, one a piece, for chat 17.
"""

import asyncio
import functools
import json
import re
from dataclasses import dataclass, field

from tests.bench.wire import Connection, Request

FIRST_S, TOKEN_S = 0.3, 0.02
_WISH = re.compile(r"(\d+) tokens by (\d+) to (-?\d+)")
_WORD = re.compile(r"w(\d{4})")
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
_USAGE = {"inputTextTokens": "9", "completionTokens": "9", "totalTokens": "18"}


def wish(tokens: int, per_piece: int, chat_id: int) -> str:
    """Return the question that makes the model write so many tokens, so many a piece."""
    return f"{tokens} tokens by {per_piece} to {chat_id}"


def ideal_s(tokens: int) -> float:
    """Return how long the model itself takes to write an answer."""
    return FIRST_S + tokens * TOKEN_S


def words(text: str) -> list[int]:
    """Return the numbers of the words that are found in a text."""
    return [int(number) for number in _WORD.findall(text)]


@functools.cache
def answer(tokens: int) -> str:
    """Return the answer: paragraphs of forty words, every tenth of them bold."""
    return "".join(map(_word, range(tokens)))


def _word(number: int) -> str:
    word = f"**w{number:04}**" if number % 10 == 9 else f"w{number:04}"
    return word + ("\n\n" if number % 40 == 39 else " ")


@functools.cache
def chunks(tokens: int, per_piece: int) -> tuple[bytes, ...]:
    """Return the lines of an answer, each with the whole text so far, as chunks of an HTTP body."""
    ends = [*range(per_piece, tokens, per_piece), tokens]
    return tuple(_chunk("".join(map(_word, range(end))), is_last=end == tokens) for end in ends)


def _chunk(text: str, *, is_last: bool) -> bytes:
    status = f"ALTERNATIVE_STATUS_{'FINAL' if is_last else 'PARTIAL'}"
    alternative = {"message": {"role": "assistant", "text": text}, "status": status}
    result = {"alternatives": [alternative], "usage": _USAGE, "modelVersion": "bench"}
    line = json.dumps({"result": result}).encode() + b"\n"
    return b"%x\r\n%b\r\n" % (len(line), line) + (b"0\r\n\r\n" if is_last else b"")


@dataclass(slots=True)
class Story:
    """One answer: times of the loop's clock, in seconds."""

    chat_id: int
    tokens: int
    per_piece: int
    began_at: float
    written_at: list[float] = field(default_factory=list)
    """When each piece was written."""
    closed_at: float | None = None
    """When the client went away before the end."""

    @property
    def is_over(self) -> bool:
        """Whether everything was written."""
        return len(self.written_at) * self.per_piece >= self.tokens

    def piece_of(self, word: int) -> int:
        """Return which piece brought this word, counted from 0."""
        return word // self.per_piece


class BenchModel:
    """Serves `/completion`; `stories` holds what was written last, by chat."""

    def __init__(self) -> None:
        self.stories: dict[int, Story] = {}

    def serve(self, connection: Connection, request: Request) -> None:
        """Begin to write."""
        loop = asyncio.get_running_loop()
        question = json.loads(request.body)["messages"][-1]["text"]
        tokens, per_piece, chat_id = map(int, _WISH.search(question).groups())  # type: ignore[union-attr]
        story = Story(chat_id, tokens, per_piece, loop.time())
        self.stories[chat_id] = story
        connection.write(_HEAD)
        connection.when_lost = functools.partial(self._lost, story)
        loop.call_at(story.began_at + FIRST_S + per_piece * TOKEN_S, self._write, connection, story)

    def _write(self, connection: Connection, story: Story) -> None:
        loop = asyncio.get_running_loop()
        if story.closed_at is not None:
            return
        connection.write(chunks(story.tokens, story.per_piece)[len(story.written_at)])
        story.written_at.append(loop.time())
        if not story.is_over:
            piece = len(story.written_at) + 1
            at = story.began_at + FIRST_S + piece * story.per_piece * TOKEN_S
            loop.call_at(at, self._write, connection, story)

    def _lost(self, story: Story) -> None:
        if not story.is_over:
            story.closed_at = asyncio.get_running_loop().time()
