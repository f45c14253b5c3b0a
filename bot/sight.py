"""What a model sees of the pictures in a dialogue, and who could look at them if it sees none.

Nothing is paid for a question about pictures that nobody would see: either all of them are shown, or it fails.
"""

import asyncio
from dataclasses import replace

from bot.errors import BlindChoice, BlindModel, PhotoLost
from bot.history.window import MOST_PICTURES
from bot.ports import Photos
from bot.presses import Showing, tag_of
from bot.promptbook import Prompt, PromptBook
from bot.question import Question
from bot.texts import PHRASES
from bot.types import Ability, Ask, Button, Buttons, ModelChoice

_MOST_ASKED = 10
"""Pictures of one question: as many as an album holds. Of others the model only reads that they are there."""


class Sight:
    """Shows pictures to models; `default_model` is that of prompts which name none."""

    def __init__(self, photos: Photos, prompts: PromptBook, default_model: str) -> None:
        self._photos = photos
        self._prompts = prompts
        self._default_model = default_model

    async def shown(self, ask: Ask, language: str) -> Ask:
        """Return the ask with its pictures, and with the newest of earlier turns, as far as they can be had.

        Raises:
            BlindModel: the question has pictures, and neither the model nor one of its fallbacks sees them.
            PhotoLost: one of them cannot be had.
        """
        model = _seeing(ask.model) if ask.photos else ask.model
        asked = ask.photos[:_MOST_ASKED]
        earlier = [photo for turn in ask.history for photo in turn.photos][-MOST_PICTURES:]
        wanted = list(dict.fromkeys([*asked, *(earlier if _sees(model) else ())]))
        found = await asyncio.gather(*map(self._photos.fetch, wanted))
        album = {photo: picture for photo, picture in zip(wanted, found, strict=True) if picture}
        if lost := [photo for photo in asked if photo not in album]:
            raise PhotoLost(f"{len(lost)} of {len(asked)} pictures cannot be had")
        return replace(ask, model=model, album=album, unseen=PHRASES[language].photos_unseen)

    def way_out(self, blind: BlindModel, prompt: Prompt, question: Question) -> tuple[BlindModel, Buttons]:
        """Return buttons for prompts that see, or if there is none, the error that names the way to a model."""
        language, tag = question.person.language, tag_of(question.id)
        offers = tuple(
            (Button(_label(other, language), Showing(tag, other.name).data),)
            for other in self._prompts.menu()
            if other.name != prompt.name and self._is_known_to_see(other.choice(self._default_model))
        )
        models = (ModelChoice(name) for name in prompt.models)
        may_choose = not offers and any(map(self._is_known_to_see, models))
        return BlindChoice(str(blind)) if may_choose else blind, offers

    def _is_known_to_see(self, choice: ModelChoice) -> bool:
        model = self._prompts.catalogue.choice(choice)
        return model.spec is not None and _sees(model)


def _sees(model: ModelChoice) -> bool:
    """Whether it is worth trying: of a model that no list knows, its service tells."""
    return model.may(Ability.VISION)


def _seeing(model: ModelChoice) -> ModelChoice:
    """Return the model and its fallbacks without those that see no pictures."""
    able = [one for one in (replace(model, fallbacks=()), *model.fallbacks) if _sees(one)]
    if not able:
        raise BlindModel(f"{model.label} reads no pictures")
    return replace(able[0], fallbacks=tuple(able[1:]))


def _label(prompt: Prompt, language: str) -> str:
    return f"👁 {PHRASES[language].button_show.format(title=prompt.title_for(language))}"
