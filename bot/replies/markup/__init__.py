"""Model Markdown made into text with entities.

`parse_mode` is never used, because most prefixes of a valid document are refused under it, while entities are
accepted at every moment of a growing answer.
"""

from bot.replies.markup.renderer import Renderer, render

__all__ = ["Renderer", "render"]
