"""A model whose answer is a function of the question, so that it can be told what is lost, doubled or torn.

Question 17, `17 in 40 words for 3`, is answered by `q17w0 q17w1 … q17w39`. The model remembers what
it was told of the dialogue, because a turn must be remembered once.
"""

import asyncio
import functools
import json
import re
from collections import Counter, defaultdict

from tests.bench.wire import Connection, Request
from tests.chaos.chats import Chats

_FIRST_S, _PIECE_S = 0.3, 0.1
_PIECE_WORDS = 5
_WISH = re.compile(r"(\d+) in (\d+) words for (\d+)")
WORD = re.compile(r"\bq(\d+)w(\d+)\b")
"""A word of an answer: the number of the question, and its own."""
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
_USAGE = {"inputTextTokens": "9", "completionTokens": "9", "totalTokens": "18"}

Word = tuple[int, int]
"""The question, and which word of its answer."""


def wish(question: int, words: int, chat_id: int) -> str:
    """Return what a person asks."""
    return f"{question} in {words} words for {chat_id}"


def words_in(text: str) -> list[Word]:
    """Return the words of answers that are found in a text."""
    return [(int(question), int(number)) for question, number in WORD.findall(text)]


class ChaosModel:
    """Serves `/completion`."""

    def __init__(self, chats: Chats) -> None:
        self.asked: Counter[int] = Counter()
        """How often each question was asked."""
        self.recalled: defaultdict[int, list[int]] = defaultdict(list)
        """The earlier questions that each question came with, when it was asked last."""
        self._chats = chats

    def serve(self, connection: Connection, request: Request) -> None:
        """Begin to write."""
        replica = request.path.split("/")[1]
        texts = [one["text"] for one in json.loads(request.body)["messages"] if one["role"] == "user"]
        question, words, chat_id = _wished(texts[-1])
        self.asked[question] += 1
        self.recalled[question] = [_wished(text)[0] for text in texts[:-1]]
        self._chats.touch(chat_id, replica, "completion")
        connection.write(_HEAD)
        asyncio.get_running_loop().call_later(
            _FIRST_S, self._write, connection, (question, words), _PIECE_WORDS
        )

    def _write(self, connection: Connection, answer: tuple[int, int], written: int) -> None:
        is_last = written >= answer[1]
        connection.write(_chunk(_text(answer[0], min(written, answer[1])), is_last=is_last))
        if not is_last and not connection.is_lost:
            asyncio.get_running_loop().call_later(
                _PIECE_S, self._write, connection, answer, written + _PIECE_WORDS
            )


def _wished(text: str) -> tuple[int, int, int]:
    found = _WISH.search(text)
    if found is None:
        raise ValueError(f"no question of ours: {text!r}")
    question, words, chat_id = map(int, found.groups())
    return question, words, chat_id


@functools.lru_cache(maxsize=4096)
def _text(question: int, words: int) -> str:
    return "".join(f"q{question}w{number}" + ("\n\n" if number % 40 == 39 else " ") for number in range(words))


def _chunk(text: str, *, is_last: bool) -> bytes:
    status = f"ALTERNATIVE_STATUS_{'FINAL' if is_last else 'PARTIAL'}"
    alternative = {"message": {"role": "assistant", "text": text}, "status": status}
    result = {"alternatives": [alternative], "usage": _USAGE, "modelVersion": "chaos"}
    line = json.dumps({"result": result}).encode() + b"\n"
    return b"%x\r\n%b\r\n" % (len(line), line) + (b"0\r\n\r\n" if is_last else b"")
