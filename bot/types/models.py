"""Which models there are: how each is reached, what it can do and what it costs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Dialect(StrEnum):
    """The language in which a model is asked."""

    NATIVE = "native"
    """Yandex's own REST methods."""
    OPENAI = "openai"
    """The OpenAI-compatible methods, of Yandex or of any other server."""


class Server(StrEnum):
    """Who serves a model."""

    YANDEX = "yandex"
    OWN = "own"
    """The server of `OPENAI__URL`."""


class Mode(StrEnum):
    """When a model answers."""

    SYNC = "sync"
    """At once, while the person watches."""
    ASYNC = "async"
    """Later and cheaper: in minutes or hours."""


class Ability(StrEnum):
    """What a model can do besides writing."""

    VISION = "vision"
    """Read pictures."""
    ASYNC = "async"
    """Answer later and cheaper: `mode: async`."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs, in roubles; what is not known counts as nothing."""

    input_rub: float = 0.0
    """Per 1000 tokens read; so are the next three."""
    output_rub: float = 0.0
    async_input_rub: float = 0.0
    async_output_rub: float = 0.0
    request_rub: float = 0.0
    """Per picture, or per so many tokens of a text to be classified as `request_tokens` says."""
    request_tokens: int = 0
    """0: each request costs the same, however long it is."""
    tuned_request_tokens: int = 0
    """The same of a model that was tuned; 0: as of its base."""

    @property
    def of_tuned(self) -> "Price":
        """What a tuned model costs."""
        return replace(self, request_tokens=self.tuned_request_tokens or self.request_tokens)


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What the list of models says of one of them."""

    name: str
    """The short name by which prompts, people and the accounts call it."""
    uri: str
    """A full URI, or what follows the folder in one; on one's own server the name that it knows."""
    dialect: Dialect = Dialect.NATIVE
    server: Server = Server.YANDEX
    context_tokens: int | None = None
    price: Price = Price()
    abilities: frozenset[Ability] = frozenset()
    title: Mapping[str, str] = field(default_factory=dict, hash=False)
    """How menus call it, by language; none: by its name."""

    @property
    def answers_later(self) -> bool:
        """Whether it takes orders of prompts with `mode: async`: only Yandex's own methods do."""
        return Ability.ASYNC in self.abilities and self.dialect is Dialect.NATIVE


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model and how it should write."""

    name: str
    """A short name (`yandexgpt-lite`) or a full URI (`gpt://folder/yandexgpt-lite/latest@suffix`)."""
    temperature: float | None = None
    max_tokens: int | None = None
    """The most tokens of the answer; None: the service's default."""
    reasoning: bool = False
    spec: ModelSpec | None = None
    """What the list of models knows of it; None: nothing."""
    fallbacks: tuple["ModelChoice", ...] = ()
    """Who answers instead if this one fails before its first piece, the first one first."""

    @property
    def address(self) -> str:
        """What the service is asked for: a full URI, or what follows the folder in one."""
        return self.spec.uri if self.spec else self.name

    @property
    def label(self) -> str:
        """How the accounts and the log call it."""
        return self.spec.name if self.spec else self.name

    @property
    def dialect(self) -> Dialect:
        """The language in which it is asked; what no list knows is taken for one of Yandex's own."""
        return self.spec.dialect if self.spec else Dialect.NATIVE

    @property
    def server(self) -> Server:
        """Who serves it."""
        return self.spec.server if self.spec else Server.YANDEX

    @property
    def price(self) -> Price:
        """What it costs; nothing if that is not known."""
        return self.spec.price if self.spec else Price()

    @property
    def answers_later(self) -> bool:
        """Whether it is worth trying to order an answer of it for later."""
        return self.spec is None or self.spec.answers_later

    @property
    def tuning(self) -> str:
        """What sets a tuned model apart from its base; empty: it is not tuned."""
        return self.name.partition("@")[2]

    def title_for(self, language: str) -> str:
        """Return how menus call it: never by a folder, which is the operator's."""
        if self.spec is None:
            return self.name.split("://", 1)[-1].partition("/")[2] if "://" in self.name else self.name
        title = self.spec.title.get(language) or self.spec.name
        return f"{title} ({self.tuning})" if self.tuning else title

    def may(self, ability: Ability) -> bool:
        """Whether it is worth trying: the list of models says that it can, or does not know the model."""
        return self.spec is None or ability in self.spec.abilities
