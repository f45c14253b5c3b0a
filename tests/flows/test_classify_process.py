"""The real process is killed while it classifies a list: no text is paid for twice, and one table comes."""

import csv
import io
from collections import Counter
from typing import Any

import pytest

from bot.texts import ENGLISH
from tests.tools.command import running
from tests.tools.house import ANNA
from tests.tools.protos import few_shot_request
from tests.tools.street import Street

STARTED_S = 60
COUNT = 24


def env_of(street: Street) -> dict[str, str]:
    return {**street.env, "YANDEX__CLASSIFICATIONS_PER_SECOND": "8", "WORKERS__LEASE_S": "2"}


def asked(street: Street) -> list[str]:
    requests = street.house.models.requests_of("fewShotTextClassification")
    return [few_shot_request(request.raw).text for request in requests]


def documents(street: Street) -> list[dict[str, Any]]:
    return [message for message in street.house.world.bot_messages(ANNA) if "document" in message]


def texts_in(street: Street, document: dict[str, Any]) -> list[str]:
    content = street.house.world.attached(document).content.decode("utf-8-sig")
    return [row["text"] for row in csv.DictReader(io.StringIO(content, newline=""))]


async def killed_after(street: Street, count: int) -> None:
    """Let a process be killed when the service has been asked so often."""
    async with running("run", env=env_of(street)) as process:
        await street.house.until(lambda: len(asked(street)) >= count, STARTED_S)
        process.kill()
        await process.wait()


@pytest.mark.timeout(240)
async def test_a_list_goes_on_where_it_was_in_the_same_messages(street: Street) -> None:
    texts = [f"text {number}" for number in range(COUNT)]
    street.house.world.say(ANNA, ANNA, "/classify " + "\n".join(texts))

    await killed_after(street, 5)
    await killed_after(street, 14)
    async with running("run", env=env_of(street)):
        await street.house.until(lambda: documents(street), STARTED_S)

    (document,) = documents(street)
    assert texts_in(street, document) == texts
    status, _ = street.house.world.bot_messages(ANNA)
    assert ENGLISH.classifying.done.format(done=COUNT, total=COUNT) in status["text"]
    times = Counter(asked(street))
    assert sorted(times) == sorted(texts)
    assert times.total() <= COUNT + 2, "what was on its way when the process died"
