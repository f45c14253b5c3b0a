"""What the service takes: the fields of its protos and nothing else, refused in its own words if known.

Source: https://github.com/yandex-cloud/cloudapi yandex/cloud/ai/foundation_models/v1
"""

from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, StrictBool, ValidationError
from pydantic.alias_generators import to_camel

from bot.sandbox.models import tokens
from bot.sandbox.models.rules import Rules, Unacceptable

_MESSAGE_CHARACTERS = 100_000


class Message(BaseModel):
    """A message of the proto: names in either spelling."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Line(Message):
    """One message of the dialogue."""

    role: Literal["system", "user", "assistant"]
    text: str | None = None
    tool_call_list: dict[str, Any] | None = None
    tool_result_list: dict[str, Any] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is neither a text nor anything instead of it."""
        return not (self.text or self.tool_call_list or self.tool_result_list)


class _Reasoning(Message):
    """`reasoningOptions`."""

    mode: Literal["REASONING_MODE_UNSPECIFIED", "DISABLED", "ENABLED_HIDDEN"] | None = None


class _Options(Message):
    """`completionOptions`."""

    stream: StrictBool | None = None
    temperature: float | None = Field(default=None, ge=0, le=1)
    max_tokens: PositiveInt | None = None
    reasoning_options: _Reasoning | None = None


class CompletionRequest(Message):
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


class TokenizeRequest(Message):
    """The body of `tokenize`."""

    model_uri: str = ""
    text: str = ""


class AspectRatio(Message):
    """How wide a picture is, compared with its height."""

    width_ratio: PositiveInt = 1
    height_ratio: PositiveInt = 1


class ImageOptions(Message):
    """`generationOptions`."""

    mime_type: Literal["", "image/jpeg"] = ""
    seed: int = 0
    """0: any."""
    aspect_ratio: AspectRatio = AspectRatio()


class WeighedText(Message):
    """A part of what is to be drawn."""

    text: str = ""
    weight: float = 1.0


class ImageRequest(Message):
    """The body of `imageGenerationAsync`."""

    model_uri: str = ""
    messages: list[WeighedText] = Field(default_factory=list)
    generation_options: ImageOptions = ImageOptions()

    @property
    def words(self) -> str:
        """What is to be drawn."""
        return ", ".join(part.text for part in self.messages)


class NewImageRequest(BaseModel):
    """The body of `images/generations`, as far as it is known."""

    model: str = ""
    prompt: str = ""
    size: str = "1024x1024"
    seed: int = 0
    """0: any."""


class LabelledText(Message):
    """A text with the label that it should get."""

    text: str = ""
    label: str = ""


class FewShotRequest(Message):
    """The body of `fewShotTextClassification`."""

    model_uri: str = ""
    task_description: str = ""
    labels: list[str] = Field(default_factory=list)
    text: str = ""
    samples: list[LabelledText] = Field(default_factory=list)


class ClassificationRequest(Message):
    """The body of `textClassification`."""

    model_uri: str = ""
    text: str = ""


Body = TypeVar("Body", bound=BaseModel)


def parsed(body: Any, kind: type[Body], *, is_strict: bool) -> Body:
    """Return the request as far as its form goes.

    Raises:
        Unacceptable: a field is unknown, missing or of a wrong type.
    """
    try:
        return kind.model_validate(body, extra="forbid" if is_strict else "ignore")
    except ValidationError as error:
        raise Unacceptable(400, _in_words(error)) from error


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
