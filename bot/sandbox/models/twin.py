"""The state of the pretended service: its rules, its pace, what it was asked and what will go wrong next."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bot.sandbox.models.faults import Fault
from bot.sandbox.models.request import Rules, Unacceptable

_REMEMBERED = 10_000


@dataclass(slots=True)
class RecordedRequest:
    """One request as it came, and how it went; times are Unix times in seconds."""

    method: str
    """The last part of the path: `completion`, `tokenize`, …"""
    headers: Mapping[str, str]
    """Names in any case."""
    raw: bytes
    body: Any
    """Parsed JSON; None if it was none."""
    started_at: float
    ended_at: float | None = None
    is_closed_early: bool = False
    """Whether the client went away before the end."""


class ModelsTwin:
    """A folder of Yandex Cloud with one service account, whose model is the stand-in.

    `first_token_s`, `token_s` and `thinking_s` may be changed at any time, also while answers are on their way.
    """

    def __init__(  # noqa: PLR0913 - a service is described at once, by names
        self,
        *,
        api_key: str = "stand-in-key",
        folder_id: str = "stand-in-folder",
        first_token_s: float = 0.3,
        token_s: float = 0.02,
        thinking_s: float = 0.0,
        rules: Rules = Rules(),  # noqa: B008 - a frozen value
        faults: Iterable[Fault] = (),
    ) -> None:
        self.api_key = api_key
        self.folder_id = folder_id
        self.first_token_s = first_token_s
        self.token_s = token_s
        self.thinking_s = thinking_s
        """How much longer the first text takes when the model was asked to think first."""
        self.rules = rules
        self.faults = deque(faults)
        self.requests: list[RecordedRequest] = []
        self.open_requests = 0
        """Generations that run now: what the service's quota counts."""

    def fail_next(self, fault: Fault, times: int = 1) -> None:
        """Let the next completions, one after another, go wrong in this way."""
        self.faults.extend([fault] * times)

    def next_fault(self) -> Fault | None:
        """Take the fault of the completion that begins now."""
        return self.faults.popleft() if self.faults else None

    def record(self, request: RecordedRequest) -> None:
        """Remember a request; the oldest are forgotten after ten thousand."""
        self.requests.append(request)
        del self.requests[:-_REMEMBERED]

    def pause_s(self, piece: int) -> float:
        """Return how long the model takes to write a piece, counted from 0."""
        return self.token_s if piece else self.first_token_s

    def check_credentials(self, authorization: str) -> None:
        """Let only the operator pass.

        Raises:
            Unacceptable: with the words of the service, which show a part of the key.
        """
        scheme, _, secret = authorization.partition(" ")
        if (scheme, secret) in (("Api-Key", self.api_key), ("Bearer", self.rules.iam_token)):
            return
        if scheme == "Api-Key":
            raise Unacceptable(401, f"Unknown api key '{secret[:4]}****{secret[-4:]} (CE9D1A49)'")
        raise Unacceptable(401, "The token is invalid" if secret else "Authorization header is missing")

    @contextmanager
    def generation(self) -> Iterator[None]:
        """Occupy one of the concurrent generations.

        Raises:
            Unacceptable: all of them are occupied.
        """
        allowed = self.rules.concurrent_generations
        if allowed and self.open_requests >= allowed:
            gauge = "ai.textGenerationCompletionSessionsCount.count"
            message = f"{gauge} gauge quota limit exceed: allowed {allowed} requests"
            raise Unacceptable(429, message)
        self.open_requests += 1
        try:
            yield
        finally:
            self.open_requests -= 1
