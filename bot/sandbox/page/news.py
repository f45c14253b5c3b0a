"""What happens in the play, translated into the page's own news and passed on to every open page."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from bot.sandbox.page.bulletin import Bulletin
from bot.sandbox.page.stage import PromptShelf, World
from bot.sandbox.telegram.events import Event

LOOK_AT_PROMPTS_S = 0.5


async def pass_on_events(world: World, bulletin: Bulletin) -> None:
    """Publish whatever can be seen in the chats, until cancelled."""
    async for event in world.subscribe():
        if event.kind == "commands":
            bulletin.publish("commands", commands=menus(world))
        elif news := event_news(event):
            bulletin.publish(**news)


def event_news(event: Event) -> dict[str, Any] | None:
    """Return the event as the page reads it; None if there is nothing to see."""
    payload = event.payload
    where = {"chat_id": event.chat_id, "topic_id": payload.get("message_thread_id")}
    news: dict[str, dict[str, Any]] = {
        "message": {"kind": "message", "message": payload},
        "edited": {"kind": "message", "message": payload},
        "deleted": {"kind": "deleted", "message_id": payload.get("message_id")},
        "action": {"kind": "action", "action": payload.get("action")},
        "draft": {"kind": "draft", "draft": payload},
        "draft_gone": {"kind": "draft", "draft": None},
        "callback_answered": {"kind": "answered", "answer": payload},
    }
    return {**where, **news[event.kind]} if event.kind in news else None


async def pass_on_prompts(
    shelf: PromptShelf, bulletin: Bulletin, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Publish the list of prompts and the problems in them whenever they change, until cancelled."""
    prompts, problems = prompt_list(shelf), problem_lines(shelf)
    while True:
        await sleep(LOOK_AT_PROMPTS_S)
        if prompts != (prompts := prompt_list(shelf)):
            bulletin.publish("prompts", prompts=prompts)
        if problems != (problems := problem_lines(shelf)):
            bulletin.publish("problems", problems=problems)


def prompt_list(shelf: PromptShelf) -> list[dict[str, Any]]:
    """Return the prompts in the order of the menu, their texts by language."""
    return [asdict(cover) for cover in shelf.menu()]


def problem_lines(shelf: PromptShelf) -> list[str]:
    """Return the problems as `file:line:column: message`."""
    return [str(problem) for problem in shelf.problems]


def menus(world: World) -> list[dict[str, Any]]:
    """Return the bot's command menus with their scopes and languages."""
    return [
        {"scope": scope, "language": language, "commands": list(commands)}
        for (scope, language), commands in world.commands.items()
    ]
