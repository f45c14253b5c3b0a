"""Everything the bot says of itself, as one typed table per language.

A sentence forgotten in one language is a type error, not a hole in a chat. Placeholders in braces are filled
with `str.format`; a test compares them between the languages. Phrases are plain text, not Markdown.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failures:
    """One sentence for each way a turn can fail; law 7: clear, and with no internals in it."""

    unreachable: str
    connection_cut: str
    silent_at_first: str
    silent_between: str
    too_slow: str
    overloaded: str
    quota: str
    down: str
    operation_lost: str
    in_doubt: str
    operation_slow: str
    crowded: str
    filtered: str
    nothing_new: str
    credentials: str
    denied: str
    unknown_model: str
    blind: str
    too_long: str
    rejected: str
    store: str
    config: str
    unexpected: str


@dataclass(frozen=True, slots=True)
class Phrases:
    """What the bot says, in one language."""

    greeting: str
    """{name} of the person, {title} of the prompt."""
    help: str
    """{bot}: its username, for groups."""
    unknown_command: str
    """{command} as it was typed."""
    fresh_start: str
    choose_prompt: str
    prompt_chosen: str
    """{title}"""
    unknown_prompt: str
    """{name} as it was typed."""
    nothing_to_stop: str
    stopped: str
    ask_what: str
    identity: str
    """{user_id}, {chat_id}"""
    text_only: str
    too_much_waits: str
    """About messages that are let go, because too many of that person's wait already."""
    truncated: str
    empty_answer: str
    thinking: str
    """{seconds} so far."""
    in_line: str
    """{place}, from 1."""
    whole_as_file: str
    go_on: str
    """What the model is asked when the person wants more of a truncated answer."""
    button_stop: str
    button_again: str
    button_continue: str
    button_expired: str
    only_newest: str
    """About a button below an answer that is not the newest any more."""
    stranger: str
    """{user_id}"""
    knock: str
    """{name}, {user_id}, {chat}: what owners read about a stranger."""
    button_admit: str
    button_admit_chat: str
    button_refuse: str
    admitted: str
    """{name}: for owners."""
    refused: str
    """{name}: for owners."""
    welcome_in: str
    owners_only: str
    not_yours: str
    commands: dict[str, str]
    """Descriptions for Telegram's menu, by command."""
    failures: Failures
