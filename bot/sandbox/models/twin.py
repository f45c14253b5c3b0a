"""The state of the pretended service: its rules, its pace, what it was asked and what will go wrong next."""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from bot.sandbox.models.faults import Mishap
from bot.sandbox.models.mishaps import Aim, Mishaps
from bot.sandbox.models.operations import Kind, Operation, Operations
from bot.sandbox.models.passes import Passes
from bot.sandbox.models.quotas import Quotas
from bot.sandbox.models.rules import Rules, Unacceptable

_REMEMBERED = 10_000
_REMEMBERED_BYTES = 256 << 20
_TOKEN_LIFE_S = 43_200.0


@dataclass(slots=True)
class RecordedRequest:
    """One request as it came, and how it went; times are Unix times in seconds."""

    method: str
    """The last part of the path: `completion`, `tokenize`, `operations`, `chat/completions`, …"""
    headers: Mapping[str, str]
    """Names in any case."""
    raw: bytes
    body: Any
    """Parsed JSON; None if it was none."""
    started_at: float
    ended_at: float | None = None
    is_closed_early: bool = False
    """Whether the client went away before the end."""
    status: int | None = None
    """Of the response; None: there is none yet, or the connection broke."""
    path: str = ""


class ModelsTwin:
    """A folder of Yandex Cloud with one service account, whose model is the stand-in.

    Whatever has a name ending in `_s` may be changed at any time, also while answers are on their way. The twin
    outlives servers and bots: what was ordered from one server is found at the next one.
    """

    def __init__(  # noqa: PLR0913 - a service is described at once, by names
        self,
        *,
        api_key: str = "stand-in-key",
        folder_id: str = "stand-in-folder",
        account_id: str = "stand-in-account",
        public_key: str = "",
        first_token_s: float = 0.3,
        token_s: float = 0.02,
        thinking_s: float = 0.0,
        later_s: float = 4.0,
        drawing_s: float = 3.0,
        token_life_s: float = _TOKEN_LIFE_S,
        rules: Rules = Rules(),  # noqa: B008 - a frozen value
        faults: Iterable[Mishap] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.api_key = api_key
        self.folder_id = folder_id
        self.account_id = account_id
        """Who asks for tokens with a signed letter; empty: anybody may."""
        self.public_key = public_key
        """In PEM, to check the signature of such letters; empty: it is not checked."""
        self.first_token_s = first_token_s
        self.token_s = token_s
        self.thinking_s = thinking_s
        """How much longer the first text takes when the model thinks first."""
        self.later_s = later_s
        """How long answers take that were ordered for later."""
        self.drawing_s = drawing_s
        """How long a picture takes, ordered or asked for at once."""
        self.rules = rules
        self.clock = clock
        """Of operations, rates and tokens, in Unix seconds."""
        self.faults = Mishaps(faults)
        """Those that wait for requests; see `fail_next` and `fail_always`."""
        self.requests: list[RecordedRequest] = []
        self.operations = Operations()
        self.passes = Passes(token_life_s)
        self._remembered_bytes = 0
        self._quotas = Quotas()

    @property
    def open_requests(self) -> int:
        """Generations that run now: what the service's quota counts, over all methods that answer at once."""
        return self._quotas.open_requests

    @property
    def most_open_requests(self) -> int:
        """The most generations that ever ran at once."""
        return self._quotas.most_open_requests

    @property
    def refused_by_quota(self) -> Counter[str]:
        """How often a quota has bitten, by the name of the method."""
        return self._quotas.refused

    def fail_next(self, fault: Mishap, times: int = 1, *, method: str = "", model: str = "") -> None:
        """Let the next requests, one after another, go wrong in this way.

        Without an aim these are generations: `completion` and `chat/completions`. A method is named as in
        `RecordedRequest.method`, a model by its URI or what follows the folder in it.
        """
        self.faults.add(Aim(fault, method, model, times))

    def fail_always(self, fault: Mishap, *, method: str = "", model: str = "") -> None:
        """Let all such requests go wrong until `recover`."""
        self.faults.add(Aim(fault, method, model, math.inf))

    def recover(self) -> None:
        """Let all be well from now on; faults that wait are forgotten."""
        self.faults.clear()

    def next_fault(self, method: str = "completion", model_uri: str = "") -> Mishap | None:
        """Take the fault of the request that begins now."""
        return self.faults.take(method, model_uri)

    def record(self, request: RecordedRequest) -> None:
        """Remember a request; the oldest are forgotten after ten thousand, or a quarter of a gigabyte."""
        self._remembered_bytes = len(request.raw) + (self._remembered_bytes if self.requests else 0)
        self.requests.append(request)
        while len(self.requests) > _REMEMBERED or self._remembered_bytes > _REMEMBERED_BYTES:
            self._remembered_bytes -= len(self.requests.pop(0).raw)

    def requests_of(self, *methods: str) -> list[RecordedRequest]:
        """Return what was asked of these methods, oldest first."""
        return [request for request in self.requests if request.method in methods]

    def begin(
        self, kind: Kind, made: Callable[[], dict[str, Any]], body: Any, fault: Mishap | None
    ) -> Operation:
        """Begin an operation, which takes the time of its kind."""
        now, is_text = self.clock(), kind is Kind.TEXT
        takes_s = self.later_s if is_text else self.drawing_s
        kept_s = self.rules.text_kept_s if is_text else self.rules.image_kept_s
        return self.operations.begin(Operation(kind, made, now, now + takes_s, kept_s, body), fault)

    def pause_s(self, piece: int) -> float:
        """Return how long the model takes to write a piece, counted from 0."""
        return self.token_s if piece else self.first_token_s

    def check_credentials(self, authorization: str, *, is_openai: bool = False) -> None:
        """Let only the operator pass; the OpenAI-compatible methods take a key in a token's place too.

        Raises:
            Unacceptable: with the words of the service, which show a part of the key.
        """
        scheme, _, secret = authorization.partition(" ")
        if (scheme, secret) in (("Api-Key", self.api_key), ("Bearer", self.rules.iam_token)):
            return
        if scheme == "Bearer" and ((secret == self.api_key and is_openai) or self._is_pass(secret)):
            return
        if scheme == "Api-Key" or (is_openai and secret and not secret.startswith("t1.")):
            raise Unacceptable(401, f"Unknown api key '{secret[:4]}****{secret[-4:]} (CE9D1A49)'")
        raise Unacceptable(401, "The token is invalid" if secret else "Authorization header is missing")

    def check_rates(self, method: str) -> None:
        """Count a request, which passes unless a rate is used up; raises `Unacceptable`."""
        self._quotas.count(method, self.clock(), self.rules)

    def generation(self, method: str = "completion") -> AbstractContextManager[None]:
        """Occupy one of the concurrent generations; entering raises `Unacceptable` if all are occupied."""
        return self._quotas.generation(method, self.rules.concurrent_generations)

    def _is_pass(self, secret: str) -> bool:
        return self.passes.is_good(secret, self.clock())
