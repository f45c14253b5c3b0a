"""All settings together, as they are read once at the start."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote

from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from bot.errors import ConfigError, Problem
from bot.settings.conduct import (
    Access,
    Conversations,
    History,
    Http,
    Log,
    Photos,
    Policy,
    Prompts,
    Replies,
    Role,
    Workers,
)
from bot.settings.services import OpenAi, Redis, Telegram, Yandex

_ENV_FILE = ".env"
_LIKENESS = 0.85
"""From which on a name in the file is a slip of the finger; whatever else stands there is another program's."""


class Settings(BaseSettings):
    """Everything, read once at the start."""

    model_config = SettingsConfigDict(
        env_file=_ENV_FILE,
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
        for name, meant in _misspelt(self._names()):
            yield f"{name}: there is no such setting; did you mean {meant}?"

    def _names(self) -> dict[str, str]:
        """Return the names of all settings, by how they read if nobody minds how many underscores part them."""
        names = (
            f"{concern}__{name}".upper()
            for concern in type(self).model_fields
            for name in type(getattr(self, concern)).model_fields
        )
        return {_plain(name): name for name in names}

    def unanswered(self) -> str:
        """Return a sentence if nobody would be answered; else nothing."""
        if self.access.policy is not Policy.LIST or self.access.owners:
            return ""
        return "ACCESS__OWNERS: nobody is answered before it names you: write /id to the bot, which tells yours"

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


def _misspelt(names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield names that were given and belong to no section, each with the setting that was probably meant."""
    in_file = DotEnvSettingsSource(Settings).env_vars
    for name in sorted({*in_file, *EnvSettingsSource(Settings).env_vars}):
        if name.partition("__")[0] in Settings.model_fields:
            continue  # told by its section
        alike = get_close_matches(_plain(name), names, n=1, cutoff=_LIKENESS if name in in_file else 1)
        yield from ((name.upper(), names[one]) for one in alike)


def _plain(name: str) -> str:
    return name.upper().replace("__", "_")


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
    return Problem(Path(_ENV_FILE), 0, 0, message)


def _name(location: tuple[int | str, ...]) -> str:
    return "__".join(str(part).upper() for part in location if isinstance(part, str))
