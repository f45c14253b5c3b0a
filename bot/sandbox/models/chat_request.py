"""What the OpenAI-compatible chat takes. Fields that are not here are passed over, as the service does.

Source: https://yandex.cloud/en/docs/ai-studio/chat/createChatCompletion
"""

from typing import Any, Literal

from pydantic import BaseModel, Field, PositiveInt, StrictBool

from bot.sandbox.models import tokens

_PICTURE_TOKENS = 256


class _Link(BaseModel):
    """Where a picture is, or the picture itself."""

    url: str


class _Part(BaseModel):
    """A part of a message."""

    type: Literal["text", "image_url"]
    text: str = ""
    image_url: _Link | None = None


class Said(BaseModel):
    """One message of the dialogue."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[_Part] | None = None
    tool_calls: list[Any] | None = None

    @property
    def text(self) -> str:
        """Its words."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""

    @property
    def pictures(self) -> list[str]:
        """The addresses of its pictures, in their order."""
        parts = self.content if isinstance(self.content, list) else []
        return [part.image_url.url for part in parts if part.image_url is not None]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it at all."""
        return not (self.text or self.pictures or self.tool_calls)


class ChatRequest(BaseModel):
    """The body of `chat/completions`."""

    model: str = ""
    messages: list[Said] = Field(default_factory=list)
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: PositiveInt | None = None
    max_completion_tokens: PositiveInt | None = None
    reasoning_effort: str | None = None
    stream: StrictBool | None = None

    @property
    def limit_tokens(self) -> int | None:
        """The most tokens of the answer, its thoughts included; None: the service's default."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def pictures(self) -> list[str]:
        """The addresses of all pictures of the dialogue."""
        return [picture for said in self.messages for picture in said.pictures]

    @property
    def input_tokens(self) -> int:
        """What the request costs to read."""
        read = sum(len(tokens.split(said.text)) for said in self.messages)
        return read + _PICTURE_TOKENS * len(self.pictures)
