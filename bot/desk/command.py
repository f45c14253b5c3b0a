"""What the command `inbox` does with its arguments."""

import argparse
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from bot.desk.desk import Desk, Letter, pretty
from bot.desk.sheet import as_json, as_text


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the operator reads; `is_found` is False if there was nothing of the kind that was named."""

    text: str
    is_found: bool = True


async def perform(opening: AbstractAsyncContextManager[Desk], options: argparse.Namespace) -> Outcome:
    """Do what was asked at a desk that is opened for it.

    Raises:
        ConfigError: there can be no desk with these settings.
        StoreError: Redis is away.
    """
    async with opening as desk:
        return await _perform(desk, options)


async def _perform(desk: Desk, options: argparse.Namespace) -> Outcome:
    match options.deed:
        case "list":
            sight = await desk.look(options.most)
            return Outcome(as_json(sight) if options.json else as_text(sight))
        case "show":
            update = await desk.find(options.id)
            return Outcome(pretty(update)) if update else _nothing(options.id)
        case "drop" if options.conversation is not None:
            return _dropped(await desk.drop_waiting(options.conversation), options.conversation)
        case "bury":
            return _buried(await desk.bury(options.conversation), options.conversation)
        case deed:
            return await _settle(desk, deed, options)


async def _settle(desk: Desk, deed: str, options: argparse.Namespace) -> Outcome:
    """Replay or drop the letters that were named."""
    act, done = (desk.replay, "Replayed") if deed == "replay" else (desk.drop, "Dropped")
    settled = [letter async for letter in _chosen(desk, options) if await act(letter)]
    if not settled and not options.all:
        return _nothing(options.id)
    return Outcome(f"{done} {len(settled)} dead letter{'' if len(settled) == 1 else 's'}.")


async def _chosen(desk: Desk, options: argparse.Namespace) -> AsyncIterator[Letter]:
    """Yield the letters; of all, those that were here at the beginning: one that dies anew meanwhile stays."""
    letters = [letter async for letter in desk.letters()] if options.all else [await desk.letter(options.id)]
    for letter in letters:
        if letter is not None:
            yield letter


def _dropped(count: int, conversation: str) -> Outcome:
    return Outcome(f"Dropped {count} waiting update{'' if count == 1 else 's'} of {conversation}.")


def _buried(count: int, conversation: str) -> Outcome:
    if not count:
        return Outcome(f"Nothing is being handled in {conversation}; see `inbox list`.", is_found=False)
    return Outcome(f"Buried {count} update{'' if count == 1 else 's'} of {conversation}; see `inbox list`.")


def _nothing(name: str) -> Outcome:
    return Outcome(f"There is nothing with the id {name} here; see `inbox list`.", is_found=False)
