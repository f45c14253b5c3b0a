"""What the service takes: the fields of its protos and nothing else, refused in its own words if known.

Source: https://github.com/yandex-cloud/cloudapi yandex/cloud/ai/foundation_models/v1/text_generation
"""

import re
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, StrictBool, ValidationError
from pydantic.alias_generators import to_camel

from bot.sandbox.models import tokens
from bot.sandbox.models.faults import Refuse

_MESSAGE_CHARACTERS = 100_000
_URI = re.compile(r"gpt://(?P<folder>[^/]+)/(?P<model>[^/@]+)(?:/[^/@]+)?(?:@[^/@]+)?")
DOCUMENTED_MODELS = frozenset(
    {"yandexgpt", "yandexgpt-lite", "yandexgpt-5.1", "yandexgpt-5-pro", "yandexgpt-5-lite", "aliceai-llm"},
)
"""The text models of the native API. Source: the service's page on models, April 2026."""


class Unacceptable(Exception):
    """The request is not taken; `answer` says how the service would put it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.answer = Refuse(status, message)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the pretended service knows and allows."""

    iam_token: str = "t1.stand-in"  # noqa: S105 - opens the twin alone
    models: frozenset[str] = DOCUMENTED_MODELS
    """Known models, without branches and tuning suffixes; empty: every name is known."""
    concurrent_generations: int = 10
    """The quota; 0: none."""
    context_tokens: int = 32768
    is_strict: bool = True
    """Whether unknown fields are refused; what the service does is not known."""
    content_type: str = "application/json"
    """Of the stream; what the service sends is not known."""


class _Message(BaseModel):
    """A message of the proto: names in either spelling."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Line(_Message):
    """One message of the dialogue."""

    role: Literal["system", "user", "assistant"]
    text: str | None = None
    tool_call_list: dict[str, Any] | None = None
    tool_result_list: dict[str, Any] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is neither a text nor anything instead of it."""
        return not (self.text or self.tool_call_list or self.tool_result_list)


class _Reasoning(_Message):
    """`reasoningOptions`."""

    mode: Literal["REASONING_MODE_UNSPECIFIED", "DISABLED", "ENABLED_HIDDEN"] | None = None


class _Options(_Message):
    """`completionOptions`."""

    stream: StrictBool | None = None
    temperature: float | None = Field(default=None, ge=0, le=1)
    max_tokens: PositiveInt | None = None
    reasoning_options: _Reasoning | None = None


class CompletionRequest(_Message):
    """The body of `completion`; both spellings of names are understood, as protos demand."""

    model_uri: str = ""
    completion_options: _Options = _Options()
    messages: list[Line] = Field(default_factory=list)
    tools: list[Any] | None = None
    json_object: StrictBool | None = None
    json_schema: dict[str, Any] | None = None
    parallel_tool_calls: StrictBool | None = None
    tool_choice: dict[str, Any] | None = None

    @property
    def is_reasoning(self) -> bool:
        """Whether the model was asked to think first."""
        options = self.completion_options.reasoning_options
        return options is not None and options.mode == "ENABLED_HIDDEN"

    @property
    def input_tokens(self) -> int:
        """What the request costs to read."""
        return sum(len(tokens.split(line.text or "")) for line in self.messages)


class TokenizeRequest(_Message):
    """The body of `tokenize`."""

    model_uri: str = ""
    text: str = ""


Body = TypeVar("Body", CompletionRequest, TokenizeRequest)


def parsed(body: Any, kind: type[Body], rules: Rules) -> Body:
    """Return the request as far as its form goes.

    Raises:
        Unacceptable: a field is unknown, missing or of a wrong type.
    """
    try:
        return kind.model_validate(body, extra="forbid" if rules.is_strict else "ignore")
    except ValidationError as error:
        raise Unacceptable(400, _in_words(error)) from error


def check_model(model_uri: str, folder_id: str, rules: Rules) -> None:
    """Let only known models of the operator's folder pass.

    Raises:
        Unacceptable: with the words of the service.
    """
    uri = _URI.fullmatch(model_uri)
    if uri is None:
        raise Unacceptable(400, f"Failed to parse model URI: {model_uri}")
    check_folder(uri["folder"], folder_id)
    if rules.models and uri["model"] not in rules.models:
        raise Unacceptable(400, f"invalid model_uri: {model_uri}")


def check_folder(named: str, folder_id: str) -> None:
    """Let only the operator's folder pass.

    Raises:
        Unacceptable: another folder was named.
    """
    if named != folder_id:
        raise Unacceptable(
            400,
            f"Specified folder ID '{named}' does not match with service account folder ID '{folder_id}'",
        )


def check_texts(request: CompletionRequest, rules: Rules) -> None:
    """Let only texts pass that are neither empty nor too long.

    Raises:
        Unacceptable: with the words of the service.
    """
    if not request.messages or any(line.is_empty for line in request.messages):
        raise Unacceptable(400, "empty message text")
    longest = max(len(line.text or "") for line in request.messages)
    if longest > _MESSAGE_CHARACTERS:
        raise Unacceptable(
            400, f"text length is {longest}, which is outside the range (0, {_MESSAGE_CHARACTERS}]"
        )
    if request.input_tokens > rules.context_tokens:
        raise Unacceptable(
            400,
            f"number of input tokens must be no more than {rules.context_tokens}, got {request.input_tokens}",
        )


def _in_words(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, first["loc"])) or "body"
    if first["type"] == "extra_forbidden":
        return f'unknown field "{where}"'
    return f'invalid value of "{where}": {first["msg"]}'
