"""What the bot tells about itself: its name, descriptions, and the list of its commands."""

import re
from collections.abc import Callable
from typing import Any

from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.refusals import bad_request
from bot.sandbox.telegram.state import Profile, State

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_COMMANDS = 100
_DESCRIPTION_LENGTH = 256
_WIDE_SCOPES = frozenset({"default", "all_private_chats", "all_group_chats", "all_chat_administrators"})
_NARROW_SCOPES = {
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}


def get_me(state: State, _: Params) -> dict[str, Any]:
    """Tell who the bot is."""
    return state.bot.as_me()


def set_my_commands(state: State, params: Params) -> bool:
    """Set the commands of a scope and language; an empty list takes them away."""
    given = params.nested("commands", "commands")
    if not isinstance(given, list):
        raise bad_request("Expected an Array of BotCommand")
    if len(given) > _COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    commands = [_command(item) for item in given]
    state.profile.commands[_key(params)] = commands
    state.events.publish("commands", 0, {"commands": commands})
    return True


def _command(item: Any) -> dict[str, str]:
    if not isinstance(item, dict) or not {"command", "description"} <= item.keys():
        raise bad_request("Can't parse BotCommand: expected an Object with command and description")
    command = str(item["command"]).removeprefix("/")
    if not _COMMAND.fullmatch(command):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(str(item["description"])) <= _DESCRIPTION_LENGTH:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": command, "description": str(item["description"])}


def get_my_commands(state: State, params: Params) -> list[dict[str, str]]:
    """Return the commands of exactly this scope and language."""
    return state.profile.commands.get(_key(params), [])


def delete_my_commands(state: State, params: Params) -> bool:
    """Take the commands of a scope and language away."""
    state.profile.commands.pop(_key(params), None)
    return True


def _key(params: Params) -> tuple[str, str]:
    scope = params.nested("scope", "BotCommandScope") or {"type": "default"}
    kind = scope.get("type") if isinstance(scope, dict) else None
    if kind in _WIDE_SCOPES:
        return str(kind), params.text("language_code")
    if kind not in _NARROW_SCOPES:
        raise bad_request("Can't parse BotCommandScope: Unsupported type specified")
    parts = [str(scope.get(name, "")) for name in _NARROW_SCOPES[kind]]
    if not all(parts):
        raise bad_request("Can't parse BotCommandScope: chat_id must not be empty")
    return ":".join([kind, *parts]), params.text("language_code")


def _described(
    name: str, field: str, of_profile: Callable[[Profile], dict[str, str]], length: int
) -> dict[str, Callable[[State, Params], Any]]:
    """The pair of methods that set and get one text by language."""

    def setter(state: State, params: Params) -> bool:
        text = params.text(field)
        if len(text) > length:
            raise bad_request(f"{field.replace('_', ' ')} is too long")
        of_profile(state.profile)[params.text("language_code")] = text
        return True

    def getter(state: State, params: Params) -> dict[str, str]:
        texts = of_profile(state.profile)
        return {field: texts.get(params.text("language_code")) or texts.get("", "")}

    return {f"setMy{name}": setter, f"getMy{name}": getter}


METHODS: dict[str, Callable[[State, Params], Any]] = {
    "getMe": get_me,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    **_described("Name", "name", lambda profile: profile.names, 64),
    **_described("Description", "description", lambda profile: profile.descriptions, 512),
    **_described("ShortDescription", "short_description", lambda profile: profile.short_descriptions, 120),
}
