"""Pictures that people ask for: the wish, and what is known of the drawing that it becomes."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from bot.types.asks import Ratio
from bot.types.places import Person, Place


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person would like to see."""

    id: str
    """The same whenever the update that brought it is handled again."""
    words: str
    """As the person wrote them."""
    person: Person
    place: Place
    style: str = ""
    """Its name; empty: the bare words are drawn."""
    ratio: Ratio | None = None
    """None: as the style has it."""
    seed: int | None = None
    """None: the style's, or another one for each picture."""

    @property
    def drawing_id(self) -> str:
        """What tells its picture from all others: 16 characters, fit for the data of a button."""
        return hashlib.blake2s(self.id.encode(), digest_size=8).hexdigest()


class Standing(StrEnum):
    """How a drawing stands."""

    ORDERING = "ordering"
    """It is being ordered. Who finds this and does not order it cannot know whether the order arrived."""
    ORDERED = "ordered"
    """An operation draws it."""
    DRAWN = "drawn"
    """The picture is there, and may not be shown yet."""
    REFUSED = "refused"
    """It surely was not ordered, and the person may not know why yet; it may be ordered again."""
    OVER = "over"
    """It is shown, or there will be none."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture from its order on: what another attempt needs to go on, and the buttons below it to act."""

    id: str
    words: str
    style: str
    person: Person
    """Who asked for it."""
    ratio: Ratio
    seed: int
    ordered_at: float
    """Unix time in seconds."""
    standing: Standing = Standing.ORDERING
    model: str = ""
    """Who draws, by the name in the list of models or of the service."""
    is_seeded: bool = True
    """Whether the model was given the seed."""
    operation_id: str = ""
    photo_id: str = ""
    """Under which Telegram keeps the picture; empty: not shown."""
