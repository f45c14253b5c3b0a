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
    blind_choice: str
    too_long: str
    rejected: str
    photo_lost: str
    store: str
    config: str
    unexpected: str


@dataclass(frozen=True, slots=True)
class ClassifyingWords:
    """What is said of texts that are told apart."""

    what: str
    """What `/classify` alone says."""
    choose: str
    chosen: str
    """{title}"""
    none: str
    """Where the operator has written no classifier."""
    too_many: str
    """{count}, {most}"""
    too_large: str
    """{kilobytes}"""
    too_long: str
    """{count}, {most}"""
    not_text: str
    odd_encoding: str
    empty: str
    not_fetched: str
    progress: str
    """{done}, {total}"""
    seconds_left: str
    """{seconds}"""
    minutes_left: str
    """{minutes}"""
    done: str
    """{done}, {total}; so are the next two."""
    stopped: str
    broken_off: str
    refused: str
    """{count}"""
    more_labels: str
    """{count}"""


@dataclass(frozen=True, slots=True)
class PictureWords:
    """What is said of pictures."""

    what: str
    """What `/image` alone says."""
    choose_style: str
    no_style: str
    """The button for bare words."""
    style_chosen: str
    """{title}"""
    drawing: str
    """Stands for the picture; {seconds} so far."""
    stopped: str
    caption: str
    """{style}, {seed}, {ratio}"""
    caption_unseeded: str
    """{style}, {ratio}: of a model that takes no seed, and a size of its own near the ratio."""
    button_again: str
    button_file: str
    gone: str
    """About a button below a picture that nobody remembers."""
    too_long: str
    """{most}"""
    filtered: str
    denied: str
    quota: str
    hanging: str
    lost: str
    down: str
    unreachable: str
    in_doubt: str
    rejected: str
    forbidden: str
    """About a chat that takes neither photos nor files."""


@dataclass(frozen=True, slots=True)
class UsageWords:
    """What `/usage` says."""

    yours: str
    everybody: str
    nothing: str
    today: str
    days: str
    """{days}"""
    sums: str
    """{rub}, {requests}, {tokens}"""
    without_tokens: str
    """{rub}, {requests}"""
    by_model: str
    by_prompt: str
    by_person: str
    others: str
    free: str
    """About models whose price nobody knows."""


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
    choose_model: str
    model_chosen: str
    """{title} of the model."""
    no_such_model: str
    """{name} as it was typed."""
    one_model: str
    """{prompt} and {title} of its model."""
    nothing_to_stop: str
    stopped: str
    ask_what: str
    identity: str
    """{user_id}, {chat_id}"""
    unreadable: str
    """About voices, stickers, videos and files that are no pictures."""
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
    photos_alone: str
    """What the model is asked when pictures came without a word."""
    photos_unseen: str
    """{count}: what the model reads in place of pictures that it is not shown again."""
    button_stop: str
    button_again: str
    button_continue: str
    button_show: str
    """{title} of a prompt that can see the pictures of a question."""
    show_too_late: str
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
    usage: UsageWords
    pictures: PictureWords
    classifying: ClassifyingWords
    comes_later: str
    """What is said at once about an answer that comes later."""
    too_many_orders: str
    queue: str
    """Above the list of answers that are on their way."""
    queue_more: str
    """{count} that are not listed."""
    queue_empty: str
    just_now: str
    minutes_ago: str
    """{minutes}"""
    hours_ago: str
    """{hours}"""
    order_cancelled: str
    order_too_late: str
    """About an order that is not in the queue any more."""
    commands: dict[str, str]
    """Descriptions for Telegram's menu, by command."""
    failures: Failures
