"""What this Telegram can do: rich messages and drafts came late, and not every server or chat knows them."""

from enum import StrEnum

from bot.sandbox.telegram.refusals import bad_request, refused


class Ability(StrEnum):
    """Something that may be missing."""

    RICH = "rich messages"
    DRAFTS = "drafts"
    RICH_DRAFTS = "rich drafts"


METHODS = {
    "sendrichmessage": Ability.RICH,
    "sendmessagedraft": Ability.DRAFTS,
    "sendrichmessagedraft": Ability.RICH_DRAFTS,
}
"""The methods that a server without an ability has never heard of, in small letters."""


class Abilities:
    """What is refused where, and what the server is too old for; at first nothing."""

    def __init__(self) -> None:
        self._refused: dict[tuple[Ability, int | None], str] = {}
        self._unknown: set[Ability] = set()

    def refuse(self, ability: Ability, reason: str = "", *, chat_id: int | None = None) -> None:
        """Refuse it from now on, in one chat or in all; the reason is the text of the 400."""
        self._refused[ability, chat_id] = reason or f"{ability} are not supported"

    def unlearn(self, ability: Ability) -> None:
        """Be a server too old for it: its methods are not found, its parameters are passed over."""
        self._unknown.add(ability)

    def relearn(self) -> None:
        """Be able to do everything again, everywhere."""
        self._refused.clear()
        self._unknown.clear()

    def is_unknown(self, ability: Ability) -> bool:
        """Whether the server is too old for it."""
        return ability in self._unknown

    def check(self, ability: Ability, chat_id: int) -> None:
        """Let a call pass if that is possible in its chat.

        Raises:
            Refusal: 400, with the reason that was given.
        """
        for chat in (chat_id, None):
            if reason := self._refused.get((ability, chat)):
                raise bad_request(reason)

    def check_method(self, name: str) -> None:
        """Let a call pass if the server is new enough for its method.

        Raises:
            Refusal: 404.
        """
        if METHODS.get(name) in self._unknown:
            raise refused(404, "method not found")
