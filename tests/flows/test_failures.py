from collections.abc import AsyncIterator

import pytest

from bot.presses import Act
from bot.sandbox.models.faults import Cut, Fault, Filter, Hang, LateError, Refuse, Truncate
from bot.texts import ENGLISH, RUSSIAN, Failures
from tests.tools.house import ANNA, BORIS, KEY, TOKEN, House, open_house
from tests.tools.pressing import data_of
from tests.tools.redis_server import RedisProcess

QUICK = {"first_piece_timeout_s": 2, "piece_timeout_s": 1, "answer_timeout_s": 20, "connect_timeout_s": 1}

NOTHING_SHOWN: dict[str, Fault] = {
    "credentials": Refuse(401, f"Unknown api key '{KEY}'"),
    "denied": Refuse(403, "Permission to [resource-manager.folder b1g, …] denied"),
    "quota": Refuse(429, "ai.textGenerationCompletionSessionsCount.count gauge quota limit exceed: allowed 10"),
    "overloaded": Refuse(503, "service is unavailable"),
    "unknown_model": Refuse(400, "invalid model_uri"),
    "too_long": Refuse(400, "number of input tokens must be no more than 8192, got 28498"),
    "rejected": Refuse(400, "temperature must be from 0 to 1"),
    "filtered": Filter(),
    "silent_at_first": Hang(),
}
PARTLY_SHOWN: dict[str, Fault] = {
    "silent_between": Hang(30),
    "connection_cut": Cut(30),
    "overloaded": LateError(30),
}


@pytest.fixture
async def fragile(redis_url: str) -> AsyncIterator[House]:
    async with open_house(redis_url, yandex=QUICK) as house:
        house.models.token_s = 0.01
        yield house
        house.judge()


def sentence(failures: Failures, name: str) -> str:
    return str(getattr(failures, name))


@pytest.mark.parametrize(("name", "fault"), NOTHING_SHOWN.items(), ids=NOTHING_SHOWN)
async def test_a_failure_before_the_first_text_is_one_clear_sentence(
    fragile: House, name: str, fault: Fault
) -> None:
    fragile.models.fail_next(fault, 3)

    await fragile.asks("200 words")

    assert fragile.world.text_of_last_bot_message(ANNA) == f"⚠️ {sentence(ENGLISH.failures, name)}"
    assert len(fragile.world.bot_messages(ANNA)) == 1


async def test_a_failure_is_told_in_the_persons_language(fragile: House) -> None:
    fragile.models.fail_next(Filter())

    await fragile.asks("200 слов", BORIS)

    assert fragile.world.text_of_last_bot_message(BORIS) == f"⚠️ {RUSSIAN.failures.filtered}"


@pytest.mark.parametrize(("name", "fault"), PARTLY_SHOWN.items(), ids=PARTLY_SHOWN)
async def test_a_failure_in_the_middle_keeps_what_was_shown(fragile: House, name: str, fault: Fault) -> None:
    fragile.models.fail_next(fault)

    trace = await fragile.asks("200 words")

    shown, _, mark = fragile.world.text_of_last_bot_message(ANNA).rpartition("\n\n")
    assert mark == f"⚠️ {sentence(ENGLISH.failures, name)}"
    assert len(shown) > 20
    assert shown == trace.answer.strip()
    assert data_of(fragile.world.bot_messages(ANNA)[-1], Act.STOP) == ""


async def test_an_answer_cut_by_its_limit_says_so(fragile: House) -> None:
    fragile.models.fail_next(Truncate(30))

    trace = await fragile.asks("200 words")

    assert fragile.world.text_of_last_bot_message(ANNA) == f"{trace.answer.strip()}\n\n✂️ {ENGLISH.truncated}"


async def test_a_failed_turn_is_not_in_the_next_request(fragile: House) -> None:
    fragile.models.fail_next(Cut(30))
    await fragile.asks("remember the teapot")

    await fragile.asks("what was it?")

    assert "remember the teapot" not in [message["text"] for message in fragile.bodies()[-1]["messages"]]


async def test_a_busy_moment_is_not_noticed(fragile: House) -> None:
    fragile.models.fail_next(Refuse(503))

    trace = await fragile.asks("hello")

    assert trace.outcome == "complete"


async def test_a_service_that_is_not_there_is_told(redis_url: str) -> None:
    changes = {**QUICK, "api_url": "http://127.0.0.1:1"}
    async with open_house(redis_url, yandex=changes) as house:
        await house.asks("hello")

        assert ENGLISH.failures.unreachable in house.world.text_of_last_bot_message(ANNA)


async def test_while_redis_is_away_people_know_and_are_answered_afterwards(mortal_redis: RedisProcess) -> None:
    async with open_house(mortal_redis.url, redis={"url": mortal_redis.url, "timeout_s": 1}) as house:
        await house.asks("before")
        mortal_redis.kill()

        house.world.say(ANNA, ANNA, "remember me")
        await house.until(lambda: ENGLISH.failures.store in house.world.text_of_last_bot_message(ANNA), 30)
        mortal_redis.start()
        await house.until(lambda: len(house.notebook.traces) == 2, 30)

        assert house.notebook.traces[-1].ask.question == "remember me"


async def test_no_secret_is_read_in_a_chat_or_a_log_after_every_failure(
    redis_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    from bot import logs  # noqa: PLC0415 - used once

    logs.configure("DEBUG", "json", [TOKEN, KEY])
    async with open_house(redis_url, yandex=QUICK) as house:
        for fault in (*NOTHING_SHOWN.values(), *PARTLY_SHOWN.values()):
            house.models.fail_next(fault, 3)
            await house.asks("200 words")
            house.models.recover()

        seen = str([house.world.messages(chat) for chat in house.world.chats])
    told = "".join(capfd.readouterr())
    for secret in (TOKEN, KEY, TOKEN.partition(":")[2]):
        assert secret not in seen
        assert secret not in told
    assert "turn failed" in told
    assert "Traceback" not in told
