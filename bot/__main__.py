"""The commands: `python -m bot run | play | check | inbox`.

Exit codes: 0 after an ordinary stop, 1 when something outside failed, 2 when what the operator wrote cannot be
used. The only module that imports handlers; Telegram's library is imported only by the commands that need it.
"""

import argparse
import asyncio
import gc
import resource
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress

import structlog

from bot import logs
from bot.desk.arguments import add_arguments
from bot.errors import ConfigError, GovorunError
from bot.promptbook import PromptBook
from bot.settings import Role, Settings, misplaced, read_settings
from bot.types import Server

log = structlog.get_logger(__name__)

FAILED, MISCONFIGURED = 1, 2
_COLLECT_AFTER = (5_000, 10, 100)
"""Python's own 700, 10, 10 spend half of the processor time while a thousand answers grow."""
_FILES = 65_536
"""How many may be open: each answer holds a connection to a model, and the usual limit is 1,024."""
_SWITCH_S = 0.001
"""How long the thread that Telegram posts to waits for the one in which answers grow, each time; not 5 ms."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except ConfigError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return MISCONFIGURED
    except GovorunError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot", description="Govorun: Telegram chat-bots on Yandex Foundation Models."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="run the bot in Telegram, as .env and the environment say")
    run.add_argument(
        "--role",
        choices=[role.value for role in Role],
        default=Role.ALL.value,
        help="all, or one half of it: ingress takes updates in, worker answers them; both on one REDIS__URL",
    )
    run.set_defaults(command=_run)
    play = commands.add_parser(
        "play",
        help="chat with the bot on a local page; no account, no token, no key",
        description="With YANDEX__FOLDER_ID and YANDEX__API_KEY set, the real model answers; else a stand-in.",
    )
    play.add_argument("--port", type=int, default=8765, help="of the page; 0: any that is free (%(default)s)")
    play.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    play.set_defaults(command=_play)
    check = commands.add_parser("check", help="look for mistakes in settings and prompts; start nothing")
    check.set_defaults(command=_check)
    inbox = commands.add_parser(
        "inbox",
        help="look at what waits and what died, try it again, or drop it",
        description="Needs Redis and TELEGRAM__TOKEN, and no more. The bot may run meanwhile.",
    )
    add_arguments(inbox)
    inbox.set_defaults(command=_inbox)
    return parser


def _run(options: argparse.Namespace) -> int:
    settings = read_settings()
    role = Role(options.role)
    prompts = _checked(settings, *settings.missing(role))
    _leave_when_told()
    from bot.app import serve  # noqa: PLC0415 - see the module's docstring
    from handlers import FEATURES  # noqa: PLC0415 - the same

    logs.configure(settings.log.level, settings.log.format, settings.secrets())
    for told in filter(None, (settings.unanswered(), *settings.unknown())):
        log.warning(told)
    _make_room()
    return _until_stopped(lambda stop: serve(settings, FEATURES, stop, prompts, role=role))


def _leave_when_told() -> None:
    """End well on SIGTERM and Ctrl-C while nothing runs yet: what follows is imported for seconds.

    Process 1 of a container would not even notice a signal without this.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))


def _make_room() -> None:
    """Let threads take turns more often, more files be open, and garbage be looked for more seldom."""
    sys.setswitchinterval(_SWITCH_S)
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if most == resource.RLIM_INFINITY else min(_FILES, most)
    if resource.RLIM_INFINITY != now < wanted:
        with suppress(ValueError):  # a Mac may take less than it names
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _play(options: argparse.Namespace) -> int:
    settings = read_settings()
    prompts = _checked(settings)
    _leave_when_told()
    from bot.sandbox.play import Doorstep, play  # noqa: PLC0415 - see the module's docstring
    from handlers import FEATURES  # noqa: PLC0415 - the same

    logs.configure(settings.log.level, settings.log.format, settings.secrets())
    where = Doorstep(options.port, opens_browser=not options.no_browser)
    return _until_stopped(lambda stop: play(settings, FEATURES, stop, prompts, where))


def _check(_options: argparse.Namespace) -> int:
    settings = read_settings()
    prompts = _checked(settings)
    print(f"All is well with {len(prompts.names)} prompts: {', '.join(prompts.names)}.")
    for told in (_models_told(settings), *_out_of_reach(settings, prompts)):
        print(logs.without(settings.secrets(), told))
    for lack in settings.missing():
        print(f"For `run`, though, {lack}")
    if unanswered := settings.unanswered():
        print(unanswered)
    for stranger in settings.unknown():
        print(stranger)
    return 0


def _models_told(settings: Settings) -> str:
    """Return whose models are used."""
    own = f"those of your server at {settings.openai.url}"
    if settings.is_own_server_alone:
        whose = f"{own}, and no others"
    else:
        whose = f"those of Yandex, and {own}" if settings.openai.url else "those of Yandex"
    return f"Models: {whose}; prompts that name none take {settings.default_model}."


def _out_of_reach(settings: Settings, prompts: PromptBook) -> Iterator[str]:
    """Yield a sentence for every model that a prompt names and nobody serves."""
    for prompt in map(prompts.get, prompts.names):
        every = prompts.selection(prompt, settings.default_model).models
        fallbacks = prompts.catalogue.choice(prompt.choice(settings.default_model)).fallbacks
        for model in dict.fromkeys((*every, *fallbacks)):
            if model.server is Server.OWN and not settings.openai.url:
                yield f"{prompt.name}: {model.name} is on a server of your own, and OPENAI__URL is not set"
            elif model.spec and model.server is Server.YANDEX and settings.is_own_server_alone:
                yield f"{prompt.name}: {model.name} is one of Yandex, and no account there is set"


def _inbox(options: argparse.Namespace) -> int:
    settings = read_settings()
    from bot.desk.command import perform  # noqa: PLC0415 - importing Redis' library takes as long as all else
    from bot.desk.opening import open_desk  # noqa: PLC0415 - the same

    logs.configure("CRITICAL", settings.log.format, settings.secrets())  # what is wrong is said at the end
    where = settings.redis
    url = where.url.get_secret_value() if where.url else ""
    desk = open_desk(url, where.dir, _bot_id(settings), timeout_s=where.timeout_s)
    outcome = asyncio.run(perform(desk, options))
    print(logs.without(settings.secrets(), outcome.text), file=sys.stdout if outcome.is_found else sys.stderr)
    return 0 if outcome.is_found else FAILED


def _bot_id(settings: Settings) -> int:
    number, colon, _ = settings.telegram.token.get_secret_value().partition(":")
    if not (colon and number.isdecimal()):
        raise ConfigError(misplaced("TELEGRAM__TOKEN: the bot's token is missing; it begins with the bot's id"))
    return int(number)


def _checked(settings: Settings, *lacks: str) -> PromptBook:
    """Read the prompts.

    Raises:
        ConfigError: with every problem of every file, and with what is lacking in the settings.
    """
    problems = [misplaced(lack) for lack in lacks]
    prompts = PromptBook(settings.prompts.dir, settings.prompts.default, settings.prompts.timezone)
    try:
        prompts.load()
    except ConfigError as error:
        problems += error.problems
    if problems:
        raise ConfigError(*problems)
    return prompts


def _until_stopped(main_task: Callable[[asyncio.Event], Awaitable[None]]) -> int:
    """Run until SIGTERM or Ctrl-C, which let running replies finish; a second one does not wait for them."""

    async def guarded() -> None:
        stop = asyncio.Event()
        task = asyncio.ensure_future(main_task(stop))

        def on_signal() -> None:
            if stop.is_set():
                task.cancel()
            stop.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, on_signal)
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()

    asyncio.run(guarded())
    return 0


if __name__ == "__main__":
    sys.exit(main())
