"""Answers that grow: the native completion of Yandex Foundation Models, streamed over REST.

The service sends one JSON object a line, each with the *whole* answer so far, and may revise what it said; so
when several lines came together, the newest alone is told on.

Source: https://yandex.cloud/en/docs/ai-studio/text-generation/api-ref/TextGeneration/completion
"""

import httpx

from bot.backends.failures import Refusal
from bot.backends.lines import newest_first
from bot.backends.patience import Patience
from bot.backends.stream import StreamedModel
from bot.backends.yandex import wire
from bot.backends.yandex.auth import Account
from bot.backends.yandex.endings import ending_of
from bot.backends.yandex.growth import Growth
from bot.errors import BackendError
from bot.types import Ask, Piece


class YandexCompletion(StreamedModel):
    """The `ModelBackend` of Yandex's own text models. The client belongs to whoever gave it."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        account: Account,
        *,
        api_url: str,
        patience: Patience = Patience(),  # noqa: B008 - a frozen value
    ) -> None:
        super().__init__(client, account, f"{api_url.rstrip('/')}/foundationModels/v1/completion", patience)
        self._folder_id = account.folder_id

    def _body(self, ask: Ask) -> bytes:
        return wire.request_body(ask, self._folder_id)

    def _reader(self) -> "Newest":
        return Newest()


class Newest:
    """Reads no more lines than needed, from the newest on."""

    is_ending = False

    def __init__(self) -> None:
        self.is_over = False
        self.failure: Refusal | BackendError | None = None
        self._growth = Growth()
        self._text = ""

    def read(self, block: bytes) -> Piece | None:
        """Return what is new; what came before an error is still told."""
        said = self._growth.said_last(block)
        if said is not None and said.error is None:
            return self._piece(said)
        for start, end in newest_first(block):
            said = self._growth.said_by(block, start, end)
            if said is None:
                continue
            if said.error is None:
                return self._piece(said)
            self.failure = Refusal.of_line(said.error)
        return None

    def end(self) -> None:
        """Know nothing more: each line is whole in itself, and the last one did not come."""

    def _piece(self, said: wire.Said) -> Piece | None:
        """Return what is new; an empty text never replaces one that was there."""
        try:
            ending = ending_of(said.status)
        except BackendError as error:
            self.failure = error
            return None
        if ending is None and said.text in ("", self._text):
            return None
        self._text = said.text or self._text
        self.is_over = ending is not None
        return Piece(self._text, ending, said.usage, said.model_version)
