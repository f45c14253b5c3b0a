"""The promptbook: what an operator writes in `prompts/*.yaml`, checked to the line, rendered for each question.

The rule of the room: whatever is wrong in those files is a `Problem` with file, line and column, all of them at
once, and a running bot keeps its last good set.
"""

from bot.promptbook.book import PromptBook
from bot.promptbook.catalogue import Catalogue
from bot.promptbook.classifier import Classifier
from bot.promptbook.facts import Facts
from bot.promptbook.localized import Localized
from bot.promptbook.prompt import Prompt
from bot.promptbook.selection import Selection
from bot.promptbook.style import Style

__all__ = ["Catalogue", "Classifier", "Facts", "Localized", "Prompt", "PromptBook", "Selection", "Style"]
