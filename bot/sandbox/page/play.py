"""Everything that the page shows, and how it stands at this moment."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.page.cast import Cast
from bot.sandbox.page.inspector import Inspector
from bot.sandbox.page.news import menus, problem_lines, prompt_list
from bot.sandbox.page.stage import Pace, PromptShelf, World
from bot.sandbox.telegram.params import Upload
from bot.sandbox.telegram.refusals import bad_request


def no_file(file_id: str) -> Upload:
    """Refuse: where nobody sends files, there are none."""
    raise bad_request(f"no such file: {file_id}")


@dataclass(frozen=True, slots=True)
class Play:
    """The world and whoever plays in it; `cast` must have entered `world` already.

    `pace` belongs to the stand-in model; without it, the page says that the real model `model_name` answers.
    `files` finds what anybody has sent by its file id, and raises `Refusal` if there is no such file.
    """

    world: World
    cast: Cast
    inspector: Inspector
    shelf: PromptShelf
    model_name: str = ""
    pace: Pace | None = None
    files: Callable[[str], Upload] = no_file

    def snapshot(self) -> dict[str, Any]:
        """Return all there is to see now: what a page needs before it can follow the news."""
        people = self.cast.as_json()
        chats = [{**chat, "messages": self.world.messages(chat["chat_id"])} for chat in people["chats"]]
        return {
            "bot": self.cast.bot.as_user(),
            "people": people["people"],
            "chats": chats,
            "drafts": [{"chat_id": chat_id, "draft": draft} for chat_id, draft in self.world.drafts()],
            "commands": menus(self.world),
            "model": self.model_name,
            "pace": self.pace.read() if self.pace else None,
            "folder": self.shelf.folder,
            "prompts": prompt_list(self.shelf),
            "problems": problem_lines(self.shelf),
            "traces": list(self.inspector.traces),
        }
