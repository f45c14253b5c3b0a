"""The log: one line an event, with the update and the conversation it belongs to, and no secrets.

Lines of libraries take the same way, so that a token in an address of theirs is struck out too.
"""

import logging
import sys
from collections.abc import Callable, Iterable

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_QUIET = ("httpx", "httpcore", "aiogram", "aiohttp.access", "asyncio", "markdown_it")
"""Libraries that tell of every request; their warnings are still heard."""

_STRUCK_OUT = "•••"
_SHORTEST_SECRET = 4


def configure(level: str, form: str, secrets: Iterable[str]) -> None:
    """Set up the log of this process on standard error.

    Args:
        level: `DEBUG`, `INFO`, `WARNING` or `ERROR`.
        form: `console`, `json`, or `auto`, which is `console` on a terminal.
        secrets: struck out of every line, tracebacks included; very short ones are left alone.
    """
    is_console = form == "console" or (form == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if is_console else "iso", utc=not is_console),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendering(is_console=is_console),
                striking_out(secrets),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _rendering(*, is_console: bool) -> list[Processor]:
    if is_console:
        return [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]


def striking_out(secrets: Iterable[str]) -> Callable[[WrappedLogger, str, EventDict], str]:
    """Return the last step of rendering: the finished line without the secrets in it."""
    known = frozenset(secrets)

    def strike_out(_logger: WrappedLogger, _method: str, line: EventDict) -> str:
        return without(known, str(line))

    return strike_out


def without(secrets: Iterable[str], text: str) -> str:
    """Return a text with the secrets struck out of it, longest first; very short ones are left alone."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, _STRUCK_OUT)
    return text
