"""What can go wrong with one answer, as values that are programmed into the twin or asked for in the chat.

Answers that do not stream have one piece: what happens "after 0 pieces" happens before anything was done, and
what happens later, when all is done and only the answer is missing. A picture may have been ordered by then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Shape(StrEnum):
    """The bodies that errors come in; the letters are those of the fact sheet the twin was made from."""

    STREAMING = "A"
    """`{"error": {"grpcCode": …, "httpCode": …, "message": …}}`: the native completion."""
    UNARY = "B"
    """`{"error": "…", "code": …}`: the other native methods."""
    OPENAI = "C"
    """`{"error": {"message": …}}`: the OpenAI-compatible methods."""
    BARE = "bare"
    """`{"error": "…"}`: seen of `images/generations`."""
    RPC = "rpc"
    """`rpc error: code = … desc = …` as plain text: seen of the OpenAI-compatible methods."""
    PLAIN = "plain"
    """No JSON at all: a proxy on the way."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer with a status and a sentence instead of a stream."""

    status: int
    message: str = "the twin was told to refuse"
    shape: Shape | None = None
    """None: that of the method."""
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True)
class Hang:
    """Fall silent after some pieces and keep the connection open; after 0, not even headers are sent."""

    after_pieces: int = 0
    is_dribbling: bool = False
    """Send blank lines meanwhile: bytes, but no pieces."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Break the connection after some pieces."""

    after_pieces: int = 1
    is_clean: bool = False
    """End the body as if all were well, rather than in the middle of a line."""


@dataclass(frozen=True, slots=True)
class LateError:
    """Send an error line after some pieces."""

    after_pieces: int = 1
    status: int = 503
    message: str = "the service is unavailable"


@dataclass(frozen=True, slots=True)
class Filter:
    """Let the ethics step in: status 200 and a canned text, but a refusal of a picture."""

    after_pieces: int = 0


@dataclass(frozen=True, slots=True)
class Truncate:
    """Come to the limit of tokens after some pieces."""

    after_pieces: int = 3


@dataclass(frozen=True, slots=True)
class Revise:
    """Change one's mind: every third line ends differently from what the next one says."""


@dataclass(frozen=True, slots=True)
class Reframe:
    """Wrap the same lines differently."""

    prefix: bytes = b""
    newline: bytes = b"\n"
    is_wrapped: bool = True
    """Whether lines stand inside `result`, where the native stream has them."""
    is_done_told: bool = False
    """Whether `[DONE]` ends the stream."""
    lines_per_write: int = 1
    bytes_per_write: int = 65536


@dataclass(frozen=True, slots=True)
class Embellish:
    """Say more than is documented: fields of a name that nobody knows, in every object of the answer."""

    fields: Mapping[str, Any] = field(default_factory=lambda: {"novelty": {"of": ["tomorrow", None, 1]}})


@dataclass(frozen=True, slots=True)
class Take:
    """Let the operation that begins now take another time than others; `inf`: it never ends."""

    seconds: float = float("inf")


@dataclass(frozen=True, slots=True)
class Fail:
    """Let the operation that begins now end in an error."""

    code: int = 13
    """As gRPC counts."""
    message: str = "internal error"


@dataclass(frozen=True, slots=True)
class Lose:
    """Let the operation that begins now be forgotten after so many looks at it."""

    after_looks: int = 0


Fault = Refuse | Hang | Cut | LateError | Filter | Truncate | Revise | Reframe | Embellish
"""What can happen to an answer."""
Mishap = Fault | Take | Fail | Lose
"""The same, or what can happen to an operation."""
