"""What a call carries: text from a query or a form, values from JSON; both mean the same.

The real server ignores parameters it does not know and takes numbers and flags leniently; so does this.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.telegram.refusals import bad_request

_TRUE = {"true", "yes", "1"}
_JSON = frozenset(
    {
        "allow_paid_broadcast", "allowed_updates", "cache_time", "can_stop", "caption_entities", "chat_id",
        "commands", "disable_content_type_detection", "disable_notification", "draft_id",
        "drop_pending_updates", "entities", "has_spoiler", "icon_color", "keep_on_stop", "limit",
        "link_preview_options", "max_connections", "media", "message_id", "message_ids", "message_thread_id",
        "offset", "protect_content", "reply_markup", "reply_parameters", "rich_message", "scope", "show_alert",
        "show_caption_above_media", "timeout", "user_id",
    }
)  # fmt: skip
"""Parameters that are not text."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart request."""

    name: str
    mime_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Params:
    """The arguments of one call and the files that came with it, by field."""

    values: Mapping[str, Any]
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The argument as text; empty if it is missing."""
        value = self.values.get(name)
        if value is None or isinstance(value, str):
            return value or ""
        return json.dumps(value, ensure_ascii=False)

    def number(self, name: str, default: int = 0) -> int:
        """The argument as an integer; the default if it is missing or makes no sense."""
        try:
            return int(self.text(name))
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        """The argument as a boolean."""
        return self.text(name).strip().lower() in _TRUE

    def nested(self, name: str, what: str) -> Any:
        """The argument as a list or an object, None if it is missing or empty.

        Raises:
            Refusal: it is no JSON; `what` names it in the text.
        """
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"Can't parse {what} JSON object") from None

    def upload(self, name: str) -> Upload | None:
        """The file that a parameter names by `attach://field`, or that is in the field of its own name."""
        return self.uploads.get(self.text(name).removeprefix("attach://")) or self.uploads.get(name)

    def decoded(self) -> dict[str, Any]:
        """All arguments as the schema types them, for the log of calls; what cannot be decoded stays text."""
        return {name: _decoded(name, value) for name, value in self.values.items()}


def _decoded(name: str, value: Any) -> Any:
    if name not in _JSON or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
