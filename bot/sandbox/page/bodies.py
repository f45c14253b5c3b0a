"""What the page's requests may carry; nothing else is accepted."""

from typing import Annotated

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, StringConstraints


class Body(BaseModel):
    """A JSON object with known fields only."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Saying(Body):
    """Somebody says something."""

    chat_id: int
    user_id: int
    text: str = Field(min_length=1, max_length=4096)
    topic_id: int | None = None
    reply_to: int | None = None


class Shipment(Body):
    """Somebody sends something with a caption below it."""

    chat_id: int
    user_id: int
    caption: str = Field("", max_length=1024)
    topic_id: int | None = None
    reply_to: int | None = None


class Photos(Shipment):
    """Somebody sends a photo, or several together; each is a file in Base64."""

    photos: list[Base64Bytes] = Field(min_length=1, max_length=10)


class Document(Shipment):
    """Somebody sends a file as it is."""

    name: str = Field(min_length=1, max_length=255)
    mime_type: str = Field("", max_length=255)
    content: Base64Bytes = Field(min_length=1)


class Edit(Body):
    """Somebody changes what they said, as a text or below a photo."""

    chat_id: int
    user_id: int
    message_id: int
    text: str = Field(min_length=1, max_length=4096)


class Press(Body):
    """Somebody presses a button."""

    chat_id: int
    user_id: int
    message_id: int
    data: str = Field(min_length=1, max_length=64)


class Spot(Body):
    """A chat, or a topic of it."""

    chat_id: int
    topic_id: int | None = None


class DraftStop(Spot):
    """Somebody stops a draft."""


class NewPace(Body):
    """The stand-in model shall write at this pace."""

    tokens_per_second: float = Field(gt=0, le=1000)


class Newcomer(Body):
    """One more person shall play."""

    first_name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
    language_code: str = Field(pattern="^[a-z]{2}$")
