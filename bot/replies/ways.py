"""By which way a reply reaches its chat, and the way back when Telegram refuses it.

Refusals are no failures: drafts become edits, rich messages become text with entities, within the same reply.
What a chat does not take at all is remembered for a day; of content that is bad, which any reply may have, only
several in a row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from bot.errors import DeliveryError
from bot.replies.composer import EntityComposer
from bot.replies.contents import Composer, Content, Rich
from bot.replies.draft import DraftTransport
from bot.replies.edit import EditTransport
from bot.replies.journal import Extra, Journal
from bot.replies.refusals import DraftRefused, RichRefused, TooLong, WayRefused
from bot.replies.rich import RichComposer, fits_rich
from bot.replies.split import MESSAGE_UNITS
from bot.replies.transport import Transport
from bot.types import Format, Manner, Place
from bot.types import Transport as TransportKind

log = structlog.get_logger(__name__)

REFUSED = (DraftRefused, RichRefused, TooLong)
"""What another way can overcome."""
_ENOUGH = 3
"""After so many refusals in a row nothing is tried any more that day, whatever the reasons were."""
_FEWEST_UNITS = 64
"""A message shorter than this is not too long; Telegram must mean something else."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for all replies of a bot."""

    transport: TransportKind = TransportKind.EDIT
    """For prompts that name none."""
    file_after_parts: int = 5
    """An answer of more messages than this also comes as a file; 0: never."""

    def extras(self, place: Place, manner: Manner) -> Sequence[Extra]:
        """Return what the reply would like to use that not every chat takes."""
        is_draft = (manner.transport or self.transport) is TransportKind.DRAFT and place.is_private
        is_rich = manner.format is Format.RICH and place.conversation.business_id is None
        return [extra for extra, wanted in ((Extra.DRAFT, is_draft), (Extra.RICH, is_rich)) if wanted]


class Ways:
    """The transport and the composer of one reply.

    `refusals` has what it may try, and how often in a row the chat has refused that.
    """

    def __init__(
        self,
        journal: Journal,
        chat_id: int,
        refusals: Mapping[Extra, int],
        edits: EditTransport,
        drafts: DraftTransport,
    ) -> None:
        extras = {extra for extra, times in refusals.items() if times < _ENOUGH}
        self._journal = journal
        self._chat_id = chat_id
        self._refusals = refusals
        self._edits = edits
        self._most_units = MESSAGE_UNITS
        self._entities = EntityComposer()
        self._composer: Composer = RichComposer() if Extra.RICH in extras else self._entities
        self._proved: set[Extra] = set()
        self.transport: Transport = drafts if Extra.DRAFT in extras else edits

    def compose(self, text: str, *, is_final: bool = True, mark: str = "") -> Sequence[Content]:
        """Return the parts of the answer as they are to be shown; none if there is nothing to see."""
        if self._composer is self._entities:
            return self._entities.compose(text, is_final=is_final, mark=mark, most_units=self._most_units)
        if not fits_rich(text):
            self._composer = self._entities
            return self.compose(text, is_final=is_final, mark=mark)
        return self._composer.compose(text, is_final=is_final, mark=mark)

    def prove(self, shown: Content) -> None:
        """Note that the chat has taken this, so that a later refusal is not the chat's."""
        if self.transport is not self._edits:
            self._proved.add(Extra.DRAFT)
        if isinstance(shown, Rich):
            self._proved.add(Extra.RICH)

    async def note_end(self, shown: Sequence[Content]) -> None:
        """Note that the chat has taken all of this: what it refused before, it refused for what it was."""
        if any(isinstance(part, Rich) for part in shown):
            self._proved.add(Extra.RICH)
        for extra in self._proved:
            if self._refusals.get(extra):
                await self._journal.note_refusals(self._chat_id, extra, 0)

    async def retreat(self, error: DeliveryError) -> None:
        """Take another way than the one that was refused.

        Raises:
            DeliveryError: there is none.
        """
        log.info("another_way", because=type(error).__name__, error=str(error))
        match error:
            case DraftRefused() if self.transport is not self._edits:
                self.transport = self._edits
                await self._note(Extra.DRAFT, error)
            case RichRefused() if self._composer is not self._entities:
                self._composer = self._entities
                await self._note(Extra.RICH, error)
            case TooLong() if self._most_units > _FEWEST_UNITS:
                self._most_units //= 2
            case _:
                raise DeliveryError(f"Telegram takes this in no way: {error}") from error

    async def _note(self, extra: Extra, error: WayRefused) -> None:
        """Remember a refusal; if the chat has taken some, only this content is bad."""
        if extra not in self._proved:
            times = _ENOUGH if error.is_lasting else self._refusals.get(extra, 0) + 1
            await self._journal.note_refusals(self._chat_id, extra, times)
