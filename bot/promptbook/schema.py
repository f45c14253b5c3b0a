"""What may stand in a file of the folder: one model per mapping, strict, with no keys but these.

The description of a field is the end of the sentence "expected …" that an operator reads. Which of the four
kinds a file is, its key `kind` says; without it, it is a prompt.
"""

import re
from enum import StrEnum
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from bot.promptbook.localized import LANGUAGES, Language
from bot.types import Ability, Dialect, Format, Mode, Ratio, Server, Transport, WhileBusy

T = TypeVar("T")
Word = TypeVar("Word", bound=StrEnum)

NAME = r"[a-z0-9_-]{1,32}"
NAME_RULE = "1 to 32 characters of a-z, 0-9, _ and -"

TEMPLATED = "templated"
"""The type of the error about a template where none is rendered."""
UNKNOWN_WORD = "unknown_word"
"""The type of the error about a text that is none of the few that may stand there; they are in its context."""

MOST_LABELS = 20
"""Source: https://yandex.cloud/en/docs/ai-studio/concepts/limits (classification by prompt)."""

_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_FULL_NAME = re.compile(r"[a-z]+://[^/\s]+/\S+")
_RATIO = re.compile(r"([1-9]\d{0,2}):([1-9]\d{0,2})")
_BRACES = re.compile(r"\{\{|\{%")


def _in_every_language(value: Any) -> Any:
    return value if isinstance(value, dict) else dict.fromkeys(LANGUAGES, value)


def _as_named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


def _without_template(text: str) -> str:
    if _BRACES.search(text):
        raise PydanticCustomError(TEMPLATED, "templates are not rendered here; this is taken as it is")
    return text


def _seconds(value: Any) -> float | None:
    if value == "never":
        return None
    match = re.fullmatch(r"([1-9][0-9]{0,8})([smhd])", value) if isinstance(value, str) else None
    if not match:
        raise ValueError
    return float(match[1]) * _UNIT_S[match[2]]


def _one_of(words: type[Word]) -> BeforeValidator:
    """Return what takes one of these words, as it is written or in capitals."""

    def word(value: Any) -> Word:
        if not isinstance(value, str):
            raise ValueError  # noqa: TRY004 - pydantic takes no other for a wrong value
        if value.lower() not in list(words):
            raise PydanticCustomError(UNKNOWN_WORD, "none of the few", {"known": list(map(str, words))})
        return words(value.lower())

    return BeforeValidator(word)


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _ratio(value: Any) -> Ratio:
    match = _RATIO.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise ValueError
    return Ratio(int(match[1]), int(match[2]))


def _model_name(name: str) -> str:
    if not re.fullmatch(r"\S+", name) or ("://" in name and not _FULL_NAME.fullmatch(name)):
        raise ValueError
    return name


ModelName = Annotated[str, AfterValidator(_model_name)]
ModelNames = Annotated[list[ModelName], BeforeValidator(_as_list)]
Text = Annotated[str, Field(min_length=1), AfterValidator(_without_template)]
Title = Annotated[Text, Field(max_length=64)]
Description = Annotated[Text, Field(max_length=256)]
"""As long as the description of a command may be. Source: Bot API, BotCommand."""
Welcome = Annotated[Text, Field(max_length=4096)]
Starter = Annotated[Text, Field(max_length=256)]
Starters = Annotated[list[Starter], Field(max_length=8)]
ByLanguage = Annotated[dict[Language, T], Field(min_length=1), BeforeValidator(_in_every_language)]


class Section(BaseModel):
    """A mapping with these keys and no others."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, protected_namespaces=())


KIND = Field(default="", description="prompt, image, classifier or models")
"""Checked before all else, because it decides what else may stand in the file."""


class ModelSection(Section):
    """Which model answers, and how it writes."""

    name: ModelName = Field(
        default="", description="a model such as yandexgpt-lite, or a full gpt://folder/model"
    )
    temperature: float | None = Field(default=None, ge=0, le=1, description="a number from 0 to 1")
    max_tokens: int | None = Field(default=None, gt=0, description="a whole number above 0")
    reasoning: bool = Field(default=False, description="true or false")


class HistorySection(Section):
    """How much of the dialogue the model sees."""

    max_tokens: int = Field(default=4000, ge=0, description="a whole number, 0 or more")
    idle_reset: Annotated[float | None, BeforeValidator(_seconds)] = Field(
        default=None, description="a duration such as 30m, 8h or 2d, or never"
    )


class ExampleSection(Section):
    """One example of a question and a good answer."""

    question: str = Field(min_length=1, description="text")
    answer: str = Field(min_length=1, description="text")


class File(Section):
    """A whole file."""

    SECTIONS: ClassVar[dict[str, type[Section]]] = {}
    """The mappings inside it, by their keys."""


class PromptFile(File):
    """A prompt. Everything is optional here, because a prompt may extend another."""

    SECTIONS = {"model": ModelSection, "history": HistorySection, "examples": ExampleSection}

    kind: str = KIND
    name: str = Field(default="", pattern=f"^{NAME}$", description=NAME_RULE)
    extends: str = Field(default="", min_length=1, description="the name of another prompt")
    hidden: bool = Field(default=False, description="true or false")
    title: ByLanguage[Title] = Field(
        default={}, description="text of at most 64 characters, or one by language"
    )
    description: ByLanguage[Description] = Field(
        default={}, description="text of at most 256 characters, or one by language"
    )
    welcome: ByLanguage[Welcome] = Field(
        default={}, description="text of at most 4096 characters, or one by language"
    )
    system: ByLanguage[str] = Field(default={}, description="text, or one by language")
    model: Annotated[ModelSection, BeforeValidator(_as_named)] = Field(
        default=ModelSection(),
        description="a model's name, or a mapping with name, temperature, max_tokens, reasoning",
    )
    models: ModelNames = Field(default=[], description="a list of models that people may choose from")
    fallback: ModelNames = Field(
        default=[], description="a model, or a list of models, that answer if the first one fails"
    )
    mode: Annotated[Mode, _one_of(Mode)] = Field(default=Mode.SYNC, description="sync or async")
    history: HistorySection = Field(
        default=HistorySection(), description="a mapping with max_tokens and idle_reset"
    )
    transport: Annotated[Transport | None, _one_of(Transport)] = Field(
        default=None, description="edit or draft"
    )
    format: Annotated[Format, _one_of(Format)] = Field(default=Format.ENTITIES, description="entities or rich")
    while_busy: Annotated[WhileBusy | None, _one_of(WhileBusy)] = Field(
        default=None, description="merge, queue or replace"
    )
    examples: list[ExampleSection] = Field(
        default=[], description="a list of mappings with question and answer"
    )
    starters: ByLanguage[Starters] = Field(
        default={}, description="a list of at most 8 texts of at most 256 characters, or one by language"
    )


class StyleFile(File):
    """A way to draw."""

    kind: str = KIND
    name: str = Field(default="", pattern=f"^{NAME}$", description=NAME_RULE)
    hidden: bool = Field(default=False, description="true or false")
    title: ByLanguage[Title] = Field(
        default={}, description="text of at most 64 characters, or one by language"
    )
    description: ByLanguage[Description] = Field(
        default={}, description="text of at most 256 characters, or one by language"
    )
    template: str = Field(default="{{ words }}", min_length=1, description="text with {{ words }} in it")
    model: ModelName = Field(default="", description="a model such as aliceai-image-art-3.0")
    fallback: ModelNames = Field(
        default=[], description="a model, or a list of models, that draw if the first one refuses"
    )
    ratio: Annotated[Ratio, BeforeValidator(_ratio)] = Field(
        default=Ratio(), description="a width and a height such as '16:9'"
    )
    seed: int | None = Field(default=None, gt=0, lt=2**63, description="a whole number above 0")


class SampleSection(Section):
    """A text with its label."""

    text: str = Field(min_length=1, description="text")
    label: str = Field(min_length=1, description="one of the labels")


class ClassifierFile(File):
    """A way to tell texts apart."""

    SECTIONS = {"examples": SampleSection}

    kind: str = KIND
    name: str = Field(default="", pattern=f"^{NAME}$", description=NAME_RULE)
    hidden: bool = Field(default=False, description="true or false")
    title: ByLanguage[Title] = Field(
        default={}, description="text of at most 64 characters, or one by language"
    )
    description: ByLanguage[Description] = Field(
        default={}, description="text of at most 256 characters, or one by language"
    )
    model: ModelName = Field(
        default="", description="a model such as yandexgpt-lite, or a tuned cls://folder/model@suffix"
    )
    task: Text = Field(default="", description="text that says what the labels tell apart")
    labels: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(
        default=[], min_length=2, max_length=MOST_LABELS, description=f"a list of 2 to {MOST_LABELS} words"
    )
    examples: list[SampleSection] = Field(default=[], description="a list of mappings with text and label")


class PriceSection(Section):
    """What a model costs, in roubles per 1000 tokens unless said."""

    input: float = Field(default=0, ge=0, description="roubles per 1000 tokens")
    output: float = Field(default=0, ge=0, description="roubles per 1000 tokens")
    async_input: float = Field(default=0, ge=0, description="roubles per 1000 tokens")
    async_output: float = Field(default=0, ge=0, description="roubles per 1000 tokens")
    request: float = Field(default=0, ge=0, description="roubles per picture or classification")
    request_tokens: int = Field(
        default=0, ge=0, description="how many tokens of a classified text one request pays for"
    )
    tuned_request_tokens: int = Field(
        default=0, ge=0, description="the same of a tuned model, if it is not as its base"
    )


class ModelEntry(Section):
    """One model of the list."""

    title: ByLanguage[Title] = Field(
        default={}, description="text of at most 64 characters, or one by language"
    )
    uri: ModelName = Field(default="", description="what follows the folder in the model's URI, or a full one")
    aliases: ModelNames = Field(default=[], description="a list of other names of the model")
    dialect: Annotated[Dialect, _one_of(Dialect)] = Field(
        default=Dialect.NATIVE, description="native or openai"
    )
    server: Annotated[Server, _one_of(Server)] = Field(default=Server.YANDEX, description="yandex or own")
    context_tokens: int | None = Field(default=None, gt=0, description="a whole number above 0")
    abilities: list[Annotated[Ability, _one_of(Ability)]] = Field(
        default=[], description="a list of vision and async"
    )
    price: PriceSection = Field(
        default=PriceSection(),
        description="a mapping with input, output, async_input, async_output, request, request_tokens",
    )


class ModelsFile(File):
    """The list of models."""

    SECTIONS = {"models": ModelEntry, "price": PriceSection}

    kind: str = KIND
    models: dict[str, ModelEntry] = Field(
        default={}, description="a mapping from a model's name to what is known of it"
    )


FILES: dict[str, type[File]] = {
    "prompt": PromptFile,
    "image": StyleFile,
    "classifier": ClassifierFile,
    "models": ModelsFile,
}
"""What a file may hold, by its `kind`."""
