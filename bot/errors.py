"""Every error that one room may hand to another, in one tree.

    GovorunError
    ├── ConfigError            what the operator wrote cannot be used; ends the start with exit code 2
    ├── BackendError           the model gave no answer, or not a whole one
    │   ├── Unreachable        no connection to the service
    │   ├── ConnectionCut      the connection broke while the answer was on its way
    │   ├── BackendTimeout     too long in line, before the first piece, between two, or in total
    │   ├── Overloaded         the service is busy or broken
    │   │   ├── QuotaExceeded  the operator's quota is used up
    │   │   └── ServiceDown    it failed again and again a moment ago, and is not asked for a while
    │   ├── ContentFiltered    the service's ethics refused the question or the answer
    │   ├── NothingNew         the model ended without a word where an earlier answer stands
    │   ├── OperationLost      the service does not know an operation any more, or gave it up
    │   ├── OrderInDoubt       nobody knows whether an order that costs money arrived; it is not repeated
    │   └── Rejected           the service will never take this request
    │       ├── BadCredentials the key or token is wrong or has expired
    │       ├── AccessDenied   the key is good, but may not do this
    │       ├── UnknownModel   no such model, or it has been retired
    │       ├── BlindModel     the model cannot read pictures
    │       │   └── BlindChoice    but another one that people may choose under this prompt can
    │       └── ContextTooLong more text than the model can read
    ├── PhotoLost              a picture of the question cannot be had, or is none
    ├── StoreError             Redis is away or full
    └── DeliveryError          Telegram did not take what we sent
        ├── DeliveryTimeout    Telegram was away, or asked for silence, for longer than we wait
        ├── MediaForbidden     the chat takes texts of the bot, but no pictures or files
        └── ChatGone           nothing can be sent there any more: blocked, kicked, deleted

Errors carry data; what a person reads about them is looked up in `bot.texts.failures`. Messages of errors are
for the log and hold no secrets.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class GovorunError(Exception):
    """The root: whatever the bot raises on purpose."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in what the operator wrote; `line` and `column` count from 1, 0 means unknown."""

    file: Path
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        """Format as editors and terminals understand it: `file:line:column: message`."""
        where = [str(self.file), *(str(number) for number in (self.line, self.column) if number)]
        return f"{':'.join(where)}: {self.message}"


class ConfigError(GovorunError):
    """What the operator wrote cannot be used; all problems at once, in file order."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, sorted(problems))))
        self.problems = tuple(sorted(problems))


class BackendError(GovorunError):
    """The model gave no answer, or not a whole one."""

    is_transient = False
    """Whether the same request may succeed in a moment."""
    was_unheard = False
    """Whether the service surely did nothing, so that even an order that costs money may be sent again."""
    leaves_doubt = False
    """Whether a request that ends like this may have been carried out all the same, unless it was unheard."""

    @property
    def is_doubtful(self) -> bool:
        """Whether nobody can tell if an order was taken."""
        return self.leaves_doubt and not self.was_unheard


class Unreachable(BackendError):
    """There is no connection to the service: its name, port or certificate."""

    is_transient = True
    was_unheard = True


class ConnectionCut(BackendError):
    """The connection broke, or the stream ended, before the answer was whole."""

    leaves_doubt = True


class WaitedFor(StrEnum):
    """What a timeout was waiting for."""

    FIRST_PIECE = "first piece"
    NEXT_PIECE = "next piece"
    WHOLE_ANSWER = "whole answer"
    OPERATION = "end of the operation"
    SEAT = "seat among the concurrent generations"


class BackendTimeout(BackendError):
    """The model was silent, or wrote, for too long, or had no time for the question at all."""

    leaves_doubt = True

    def __init__(self, waited_for: WaitedFor, limit_s: float) -> None:
        super().__init__(f"no {waited_for} within {limit_s:g} s")
        self.waited_for = waited_for
        self.limit_s = limit_s


class Overloaded(BackendError):
    """The service is busy or broken; `retry_after_s` is its own advice, if it gave any."""

    is_transient = True
    leaves_doubt = True

    def __init__(self, message: str, retry_after_s: float | None = None, *, was_unheard: bool = False) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.was_unheard = was_unheard


class QuotaExceeded(Overloaded):
    """The operator's quota at the service is used up for now."""


class ServiceDown(Overloaded):
    """The service failed again and again a moment ago; it is not asked before `retry_after_s` is over."""

    is_transient = False


class OperationLost(BackendError):
    """The service does not know an operation any more, because its result has expired, or has given it up."""


class OrderInDoubt(BackendError):
    """The bot died while it ordered what costs money, and nobody knows whether the order arrived.

    It is not repeated, because it might be billed twice.
    """


class ContentFiltered(BackendError):
    """The service's ethics refused the question or the answer."""


class NothingNew(BackendError):
    """Asked once more, the model ended without a word: the earlier answer stands."""


class Rejected(BackendError):
    """The service will never take this request; `message` is what it said."""


class BadCredentials(Rejected):
    """The key or token is wrong or has expired."""


class AccessDenied(Rejected):
    """The key is good, but has no role or no paid account for this."""


class UnknownModel(Rejected):
    """There is no such model, or it has been retired."""


class BlindModel(Rejected):
    """The model cannot read pictures."""


class BlindChoice(BlindModel):
    """The model cannot read pictures, but another one that people may choose under the same prompt can."""


class ContextTooLong(Rejected):
    """The request holds more text than the model can read."""

    most_characters = 0
    """How much that is for a picture; 0: it is about something else."""


class PhotoLost(GovorunError):
    """A picture of the question cannot be had from Telegram, or turns out to be none that can be opened."""


class StoreError(GovorunError):
    """Redis is away, full, or answers nonsense."""


class DeliveryError(GovorunError):
    """Telegram did not take what we sent, and will not."""


class DeliveryTimeout(DeliveryError):
    """Telegram was away, or asked for silence, for longer than we wait: worth another attempt later.

    `retry_after_s` is how long Telegram still wants silence; 0: it does not say.
    """

    def __init__(self, message: str, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class MediaForbidden(DeliveryError):
    """The chat takes texts of the bot, but no pictures or files."""


class ChatGone(DeliveryError):
    """Nothing can be sent to that chat any more: the bot was blocked or kicked, or the chat is deleted."""
