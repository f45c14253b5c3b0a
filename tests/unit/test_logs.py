import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot import logs


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = before, level
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_a_line_tells_what_happened_and_to_whom(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO", "json", [])

    with structlog.contextvars.bound_contextvars(update_id=5):
        structlog.get_logger("bot.test").info("turn ended", tokens=7)

    (line,) = map(json.loads, lines(capsys))
    assert (line["event"], line["update_id"], line["tokens"], line["level"]) == ("turn ended", 5, 7, "info")


@pytest.mark.parametrize("form", ["json", "console", "auto"])
def test_no_secret_is_ever_read(capsys: pytest.CaptureFixture[str], form: str) -> None:
    logs.configure("INFO", form, ["1:telegram-secret", "yandex-secret", ""])
    log = structlog.get_logger("bot.test")

    log.info("key is yandex-secret", url="https://api/bot1:telegram-secret/getMe")
    logging.getLogger("library").warning("GET /bot%s/getMe", "1:telegram-secret")
    try:
        int("yandex-secret")
    except ValueError:
        log.exception("failed")
        logging.getLogger("library").exception("failed too")

    told = "\n".join(lines(capsys))
    assert told.count("•••") >= 5
    assert "secret" not in told.replace("test_no_secret_is_ever_read", "")


def test_libraries_are_heard_only_when_something_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("DEBUG", "json", [])

    logging.getLogger("httpx").info("HTTP Request: POST")
    logging.getLogger("httpx").warning("retrying")

    assert [json.loads(line)["event"] for line in lines(capsys)] == ["retrying"]
