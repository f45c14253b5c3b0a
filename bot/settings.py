"""What an operator can set, by environment or `.env`: one frozen model per concern, nested by `__`.

`TELEGRAM__TOKEN=…` is `Settings().telegram.token`. Names carry their units. Only `bot.app` and `bot.__main__`
read this; every other room gets plain values.
"""

import difflib
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, quote, unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    TypeAdapter,
    ValidationError,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from bot.errors import ConfigError, Problem
from bot.types import Transport, WhileBusy


def _listed(value: Any) -> Any:
    """Accept ids as an operator writes them: `1, 2`, `1 2` or `[1, 2]`."""
    return value.strip("[] ").replace(",", " ").split() if isinstance(value, str) else value


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"no such time zone: {name!r}; Europe/Moscow is one") from error
    return name


def _bare_url(url: str) -> str:
    return str(_HTTP_URL.validate_python(url)).rstrip("/")


_HTTP_URL = TypeAdapter(HttpUrl)
Url = Annotated[str, AfterValidator(_bare_url)]
"""An http(s) address without a slash at its end."""

WebhookUrl = Annotated[str, AfterValidator(lambda url: str(_HTTP_URL.validate_python(url)))]
"""An http(s) address as it is: to a proxy, a slash at its end may matter."""


def _known_by_telegram(secret: SecretStr) -> SecretStr:
    if not _SECRET.fullmatch(secret.get_secret_value()):
        raise ValueError("1 to 256 characters of A-Z, a-z, 0-9, _ and - are allowed, and no others")
    return secret


_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
"""Source: https://core.telegram.org/bots/api#setwebhook"""
WebhookSecret = Annotated[SecretStr, AfterValidator(_known_by_telegram)]

Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
UserIds = Annotated[frozenset[int], NoDecode, BeforeValidator(_listed)]


class _Concern(BaseModel):
    """What all concerns share: nothing changes after the start, and strangers are kept to be told."""

    model_config = ConfigDict(frozen=True, validate_default=True, extra="allow")

    def unknown(self) -> Iterator[tuple[str, str]]:
        """Yield settings that were given and do not exist, each with the nearest that does, or nothing."""
        for name in self.model_extra or ():
            nearest = difflib.get_close_matches(name, type(self).model_fields, n=1)
            yield name, nearest[0] if nearest else ""


class Delivery(StrEnum):
    """How updates come."""

    POLLING = "polling"
    WEBHOOK = "webhook"


class Role(StrEnum):
    """What one process of the bot does; several on one Redis may share the work."""

    ALL = "all"
    INGRESS = "ingress"
    """Takes updates in and answers none."""
    WORKER = "worker"
    """Answers what others take in."""


class Telegram(_Concern):
    """The Bot API server, how updates come from it, and how fast we may speak to it."""

    token: SecretStr = SecretStr("")
    api_url: Url = "https://api.telegram.org"
    delivery: Delivery = Delivery.POLLING
    webhook_url: WebhookUrl | None = None
    """Where Telegram delivers to; its path is served on `http.host` and `http.port`."""
    webhook_secret: WebhookSecret | None = None
    lease_s: PositiveFloat = 6
    """After a replica that polled has died, another one polls within this time and a sixth of it."""
    poll_timeout_s: int = Field(default=25, ge=0, le=50)
    request_timeout_s: PositiveFloat = 30
    calls_per_second: NonNegativeFloat = 30
    """Over all chats; 0: no limit."""

    def missing(self) -> Iterator[str]:
        """Yield what is not set and has to be before updates can come."""
        if not self.token.get_secret_value():
            yield "TELEGRAM__TOKEN: the bot's token is missing; @BotFather gives one"
        if self.delivery is Delivery.WEBHOOK and not self.webhook_url:
            yield "TELEGRAM__WEBHOOK_URL: the public address is missing, as https://bot.example.org/telegram"
        if self.delivery is Delivery.WEBHOOK and not self.webhook_secret:
            yield "TELEGRAM__WEBHOOK_SECRET: a long random word is missing, by which we know Telegram"


class Http(_Concern):
    """Where the bot listens for the webhook and health checks."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)


class Yandex(_Concern):
    """Credentials, address and patience for Yandex Foundation Models."""

    folder_id: str = ""
    api_key: SecretStr | None = None
    iam_token: SecretStr | None = None
    key_file: Path | None = None
    """The authorized key of a service account, as `yc iam key create` writes it."""
    use_metadata: bool = False
    """Whether the virtual machine that the bot runs on has a service account."""
    api_url: Url = "https://llm.api.cloud.yandex.net"
    operations_url: Url = "https://operation.api.cloud.yandex.net"
    openai_url: Url = "https://ai.api.cloud.yandex.net/v1"
    iam_url: Url = "https://iam.api.cloud.yandex.net"
    metadata_url: Url = "http://169.254.169.254"
    model: str = "yandexgpt/latest"
    """For prompts that name none."""
    image_model: str = "aliceai-image-art-3.0"
    """For styles that name none."""
    image_fallback: Names = ("yandex-art-2.0", "yandex-art")
    """Models that draw if that one refuses the order: not every folder has the same."""
    image_characters: PositiveInt = 500
    """That the service takes for one picture."""
    classifier_model: str = "yandexgpt-lite"
    """For classifiers that name none."""
    concurrent_generations: NonNegativeInt = 10
    """Answers that the service writes at once, for all replicas together; 0: no limit."""
    classifications_per_second: NonNegativeFloat = 1
    """For all replicas together; 0: no limit."""
    most_texts: PositiveInt = 1000
    """To be classified in one go."""
    most_text_characters: PositiveInt = 10_000
    """Of each; the service counts tokens, and its limits differ between models."""
    most_texts_kb: int = Field(default=1000, gt=0, le=20_000)
    """Of a file with texts; Telegram hands bots over no more than 20 MB."""
    is_data_logged: bool = False
    """Whether the service may keep requests to improve itself."""
    connect_timeout_s: PositiveFloat = 10
    first_piece_timeout_s: PositiveFloat = 30
    reasoning_timeout_s: PositiveFloat = 180
    """Before the first piece of a prompt with `reasoning`."""
    piece_timeout_s: PositiveFloat = 20
    answer_timeout_s: PositiveFloat = 300
    request_timeout_s: PositiveFloat = 60
    """For whatever is answered at once and whole: classifications, orders, looks at operations."""
    line_timeout_s: PositiveFloat = 300
    """In the line of those who wait for one of the `concurrent_generations`, or to have a text classified."""
    image_timeout_s: PositiveFloat = 600
    """For a picture, from its order."""
    image_poll_s: PositiveFloat = 2
    later_poll_s: PositiveFloat = 10
    """Between two looks at an answer of `mode: async`."""
    later_timeout_h: PositiveFloat = 72
    """For such an answer, from its order: the service keeps it for three days."""

    @property
    def is_wanted(self) -> bool:
        """Whether anything of an account is set, so that the rest must not be missing."""
        return bool(self.folder_id) or self._has_credentials

    @property
    def _has_credentials(self) -> bool:
        return bool(self.api_key or self.iam_token or self.key_file or self.use_metadata)

    def missing(self) -> Iterator[str]:
        """Yield what is not set and has to be before a request can be sent."""
        if not self.folder_id:
            yield "YANDEX__FOLDER_ID: the id of a folder in Yandex Cloud is missing"
        if not self._has_credentials:
            yield (
                "YANDEX__API_KEY: the key of a service account is missing "
                "(or YANDEX__IAM_TOKEN, YANDEX__KEY_FILE, YANDEX__USE_METADATA)"
            )


class OpenAi(_Concern):
    """Any other server that speaks the OpenAI-compatible dialect: Ollama, vLLM, llama.cpp."""

    url: Url | None = None
    """With the version, as `http://localhost:11434/v1`."""
    api_key: SecretStr | None = None
    model: str = ""
    """For prompts that name none, if there is no account at Yandex."""
    connect_timeout_s: PositiveFloat = 10
    first_piece_timeout_s: PositiveFloat = 120
    """Longer than at Yandex, as all the next ones, because the model may have to be loaded first."""
    reasoning_timeout_s: PositiveFloat = 300
    piece_timeout_s: PositiveFloat = 60
    answer_timeout_s: PositiveFloat = 900


class Redis(_Concern):
    """The store; without a url the bot runs its own server in `dir`."""

    url: SecretStr | None = None
    dir: Path = Path("var/redis")
    timeout_s: float = Field(default=5, ge=1)
    """For each call, its repetitions included; workers wait in Redis for half a second at a time."""
    connections: PositiveInt = 2000


class Policy(StrEnum):
    """Who is answered."""

    LIST = "list"
    OPEN = "open"


class Access(_Concern):
    """The door."""

    policy: Policy = Policy.LIST
    owners: UserIds = frozenset()


class Prompts(_Concern):
    """Where prompts are, which one people meet first, and what time it is for them."""

    dir: Path = Path("prompts")
    default: str = "assistant"
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Europe/Moscow"


class History(_Concern):
    """How long dialogues are kept."""

    retention_days: PositiveInt = 90
    max_turns: PositiveInt = 500
    """The newest turns kept of each dialogue, however long it goes on."""


class Replies(_Concern):
    """How answers grow, and how fast. Source: Telegram's FAQ, 1 a second in a chat, 20 a minute in a group."""

    transport: Transport = Transport.EDIT
    """`edit` or `draft`, for prompts that name none; drafts are for private chats, others get edits."""
    file_after_parts: NonNegativeInt = 5
    """An answer of more messages than this also comes as a Markdown file; 0: never."""
    frame_interval_s: PositiveFloat = 1.0
    private_calls_per_second: PositiveFloat = 0.95
    private_burst: PositiveInt = 4
    group_calls_per_minute: PositiveFloat = 16
    group_burst: PositiveInt = 4
    patience_s: PositiveFloat = 600
    """How long the end of an answer insists while Telegram is away or asks for silence."""


class Photos(_Concern):
    """How pictures that people send reach a model."""

    longest_px: int = Field(default=1536, ge=64)
    """Of the longer side; a larger picture is scaled down."""
    most_mb: PositiveFloat = 2
    """A file of more than this is written anew, as a JPEG."""
    timeout_s: PositiveFloat = 20
    """For each of them, to come from Telegram."""
    cache_mb: NonNegativeFloat = 64
    """For pictures that were shown a moment ago, in the memory of each process."""


class Conversations(_Concern):
    """What becomes of messages that come faster than answers."""

    while_busy: WhileBusy = WhileBusy.MERGE
    """`merge`, `queue` or `replace`, for prompts that name none."""
    most_waiting: PositiveInt = 100
    """In one conversation, what is being handled included."""
    most_waiting_per_person: PositiveInt = 30
    """In all conversations together."""
    cut_wait_s: NonNegativeFloat = 1.5
    """How long a long text that was visibly cut, or an album, waits for its next part."""
    most_orders_per_person: PositiveInt = 30
    """Answers of `mode: async` that are on their way, in all conversations together."""


class Workers(_Concern):
    """How the inbox is worked off."""

    concurrency: PositiveInt = 1000
    """Conversations answered at once by one process."""
    lease_s: PositiveFloat = 8
    """A claim not renewed for this long is taken over."""
    attempts: PositiveInt = 5
    """Before an update goes to the dead letters."""
    stop_timeout_s: NonNegativeFloat = 20
    """How long running replies may go on after SIGTERM."""


class Log(_Concern):
    """What is logged, and how."""

    level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)] = "INFO"
    format: str = Field(default="auto", pattern="^(auto|console|json)$")
    """`auto`: coloured lines on a terminal, JSON elsewhere."""


class Settings(BaseSettings):
    """Everything, read once at the start."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    telegram: Telegram = Telegram()
    http: Http = Http()
    yandex: Yandex = Yandex()
    openai: OpenAi = OpenAi()
    redis: Redis = Redis()
    access: Access = Access()
    prompts: Prompts = Prompts()
    history: History = History()
    replies: Replies = Replies()
    photos: Photos = Photos()
    conversations: Conversations = Conversations()
    workers: Workers = Workers()
    log: Log = Log()

    @property
    def is_own_server_alone(self) -> bool:
        """Whether all models are those of `openai.url`, because nothing of an account at Yandex is set."""
        return self.openai.url is not None and not self.yandex.is_wanted

    @property
    def default_model(self) -> str:
        """Who answers for prompts that name no model."""
        return (self.is_own_server_alone and self.openai.model) or self.yandex.model

    def missing(self, role: Role = Role.ALL) -> Iterator[str]:
        """Yield what is not set and has to be before the bot can run in that role."""
        yield from self.telegram.missing()
        if role is not Role.INGRESS:
            yield from self.models_missing()
        if role is not Role.ALL and not self.redis.url:
            yield f"REDIS__URL: with --role {role}, processes meet in a Redis that all reach, and none is given"

    def models_missing(self) -> Iterator[str]:
        """Yield what is not set and has to be before a model can be asked."""
        if not self.is_own_server_alone:
            yield from self.yandex.missing()
        elif not self.openai.model and "model" not in self.yandex.model_fields_set:
            yield "OPENAI__MODEL: the name of a model of that server is missing, for prompts that name none"

    def unknown(self) -> Iterator[str]:
        """Yield a sentence for every setting that was given and does not exist."""
        for concern in type(self).model_fields:
            for name, nearest in getattr(self, concern).unknown():
                hint = f"; did you mean {concern}__{nearest}?".upper().replace("DID YOU MEAN", "did you mean")
                yield f"{concern}__{name}".upper() + ": there is no such setting" + (hint if nearest else "")

    def secrets(self) -> frozenset[str]:
        """Return everything that must never be read in a log or a chat.

        Of the token also what follows the bot's id, because an address may have `%3A` for the colon; of
        addresses each password, because an error may tell of it alone.
        """
        telegram = self.telegram
        hidden = (
            telegram.token,
            telegram.webhook_secret,
            self.yandex.api_key,
            self.yandex.iam_token,
            self.openai.api_key,
            self.redis.url,
        )
        known = {secret.get_secret_value() for secret in hidden if secret}
        of_redis = _passwords(self.redis.url.get_secret_value()) if self.redis.url else ()
        of_openai = _passwords(self.openai.url or "")
        return frozenset(
            {*known, *of_redis, *of_openai, telegram.token.get_secret_value().partition(":")[2]} - {""}
        )


def _passwords(url: str) -> Iterator[str]:
    """Yield the passwords in an address, as they are written and as they are meant, even if it is no good."""
    written = url.partition("://")[2].rpartition("@")[0].partition(":")[2]
    yield from (written, unquote(written))
    for name, value in parse_qsl(url.partition("?")[2]):
        if name.endswith("password"):
            yield from (value, quote(value, safe=""))


def read_settings() -> Settings:
    """Read the settings from the environment and `.env`.

    Raises:
        ConfigError: naming every setting that is wrong, never its value.
    """
    try:
        return Settings()
    except SettingsError as error:
        raise ConfigError(misplaced(str(error))) from error
    except ValidationError as error:
        problems = (misplaced(f"{_name(one['loc'])}: {one['msg']}") for one in error.errors())
        raise ConfigError(*problems) from error


def misplaced(message: str) -> Problem:
    """Return a problem of the settings, which have no lines to point at."""
    return Problem(Path(".env"), 0, 0, message)


def _name(location: tuple[int | str, ...]) -> str:
    return "__".join(str(part).upper() for part in location if isinstance(part, str))
