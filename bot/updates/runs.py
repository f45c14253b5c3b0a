"""What one person has said at the head of a list of updates, as far as it is nothing but messages.

Anything else ends it: somebody else's words, a command, a press, a change of what was answered already, or what
cannot be read. But a command whose text was cut, or that stands below the first of an album, has the rest.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from aiogram.types import Message, Update
from pydantic import ValidationError

from bot.updates.addressing import command_in, is_plain
from bot.updates.pictures import is_readable
from bot.updates.units import belongs, is_torn, sender_id


@dataclass(slots=True)
class Run:
    """Messages that were sent in one go, and what they were changed to before anybody read them."""

    messages: list[Message] = field(default_factory=list)
    count: int = 0
    """Of updates."""

    @property
    def is_command(self) -> bool:
        """Whether it is a command with the rest of its text or album: nothing else goes with it."""
        return any(not is_plain(message) for message in self.messages)

    @property
    def is_readable(self) -> bool:
        """Whether there is a text or a picture among them: the rest gets a sentence instead of an answer."""
        return any(map(is_readable, self.messages))

    def takes(self, update: Update) -> bool:
        """Take along what a message of these was changed to; False: it is something else."""
        changed = update.edited_message
        ids = [message.message_id for message in self.messages]
        if changed is None or changed.message_id not in ids or not is_plain(changed):
            return False
        self.messages[ids.index(changed.message_id)] = changed
        self.count += 1
        return True


def runs(updates: Sequence[str]) -> Iterator[Run]:
    """Yield what one sender has said at the head of the list, as far as it is nothing but messages."""
    run = Run()
    for raw in updates:
        update = parsed(raw)
        if update and run.takes(update):
            continue
        message = update and update.message
        if not message or not _is_more(run, message):
            break
        if run.count and not belongs(run.messages, message):
            if run.is_command:
                break
            yield run
            run = Run()
        run.messages.append(message)
        run.count += 1
    if run.count:
        yield run


def parsed(raw: str) -> Update | None:
    """Read an update, given as JSON; None if it makes no sense."""
    try:
        return Update.model_validate(json.loads(raw))
    except ValidationError:
        return None


def _is_more(run: Run, message: Message) -> bool:
    """Whether a message may begin a run, or go on with what the same sender has said."""
    if not run.count:
        return is_plain(message) or (command_in(message) is not None and is_torn([message]))
    return is_plain(message) and sender_id(run.messages[0]) == sender_id(message)
