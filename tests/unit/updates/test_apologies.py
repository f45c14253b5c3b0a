import asyncio
from typing import Any

import pytest
from aiogram.types import TelegramObject, Update
from structlog.testing import capture_logs

from bot.errors import ChatGone, ConfigError, DeliveryError, DeliveryTimeout, StoreError
from bot.texts import ENGLISH, RUSSIAN, Phrases
from bot.types import Buttons, ConversationKey, Happening, Person, Place
from bot.updates.apologies import Apologies, FullNotice, WaitingNotice
from bot.updates.introductions import Visit
from tests.tools.clock import FakeClock
from tests.tools.metering import Clicker
from tests.tools.notices import SpokenNotices
from tests.tools.updates import GROUP, ME, PRIVATE, a_message, a_press, mention

CALL: dict[str, Any] = {"chat": GROUP, "entities": mention()}
PLACE = Place(ConversationKey(42, 1))
VISIT = Visit(Person(1, "Anna", "en"), PLACE)


def apologies(notices: SpokenNotices, meter: Clicker | None = None) -> Apologies:
    return Apologies(notices, WaitingNotice(notices, 42, FakeClock()), meter=meter)


async def handled(notices: SpokenNotices, error: Exception | None = None, meter: Clicker | None = None) -> Any:
    async def handler(_event: TelegramObject, _data: dict[str, Any]) -> str:
        if error:
            raise error
        return "done"

    return await apologies(notices, meter)(handler, Update(update_id=1), {"visit": VISIT})


async def test_what_goes_well_is_let_be() -> None:
    notices = SpokenNotices()

    assert await handled(notices) == "done"
    assert notices.said == []


async def test_redis_away_is_told_and_handled_again_later() -> None:
    notices = SpokenNotices()

    with pytest.raises(StoreError):
        await handled(notices, StoreError("away"))

    assert notices.said == [(PLACE, ENGLISH.failures.store, ())]


async def test_a_mistake_in_the_settings_is_told_once() -> None:
    notices = SpokenNotices()

    await handled(notices, ConfigError())

    assert notices.texts == [ENGLISH.failures.config]


async def test_what_telegram_could_not_take_in_time_is_tried_again() -> None:
    notices = SpokenNotices()

    with pytest.raises(DeliveryTimeout):
        await handled(notices, DeliveryTimeout("away"))

    assert notices.said == []


@pytest.mark.parametrize(
    ("error", "said"),
    [(ChatGone("blocked"), []), (DeliveryError("refused"), [ENGLISH.failures.unexpected])],
)
async def test_an_answer_that_telegram_never_takes_is_counted_and_told_where_it_can_be(
    error: DeliveryError, said: list[str]
) -> None:
    notices, meter = SpokenNotices(), Clicker()

    await handled(notices, error, meter)

    assert notices.texts == said
    assert meter.counts == {Happening.UNDELIVERED: 1}


async def test_a_surprise_is_passed_on() -> None:
    with pytest.raises(ZeroDivisionError):
        await handled(SpokenNotices(), ZeroDivisionError())


async def test_an_apology_that_cannot_be_said_is_no_second_failure() -> None:
    await handled(SpokenNotices(error=ChatGone("blocked")), ConfigError())


@pytest.mark.parametrize(
    "update", [{"callback_query": a_press("x", a_message())}, {"edited_message": a_message()}]
)
async def test_the_sender_of_a_buried_update_reads_an_apology(update: dict[str, Any]) -> None:
    notices = SpokenNotices()

    await apologies(notices).bury(update, 42)

    assert notices.said == [(PLACE, ENGLISH.failures.unexpected, ())]


@pytest.mark.parametrize(("means_the_bot", "sentences"), [(True, 1), (False, 0)])
async def test_in_a_group_only_who_may_mean_the_bot_reads_it(*, means_the_bot: bool, sentences: int) -> None:
    notices = SpokenNotices()
    looks = {"entities": mention()} if means_the_bot else {}

    await apologies(notices).bury({"message": a_message("@govorun_bot?", chat=GROUP, **looks)}, 42)

    assert len(notices.said) == sentences


async def test_an_update_from_nowhere_is_buried_in_silence() -> None:
    notices = SpokenNotices()

    await apologies(notices).bury({"update_id": 1}, 42)

    assert notices.said == []


async def test_people_are_told_once_an_episode_that_they_have_to_wait() -> None:
    notices, clock = SpokenNotices(), FakeClock()
    notice = WaitingNotice(notices, 42, clock, quiet_s=60)
    russian = {**a_message(), "from": {"id": 1, "language_code": "ru"}}

    for _ in range(3):
        await notice({"message": russian})
    clock.advance(61)
    for _ in range(3):
        await notice({"message": russian})

    assert notices.texts == [RUSSIAN.failures.store] * 2


async def test_a_blink_of_redis_is_not_worth_a_word() -> None:
    notices = SpokenNotices()

    await WaitingNotice(notices, 42, FakeClock())({"message": a_message()})

    assert notices.said == []


@pytest.mark.parametrize(
    "update", [{"message": a_message(chat=GROUP)}, {"edited_message": a_message()}, {"update_id": 1}]
)
async def test_only_who_wrote_in_private_is_told_to_wait(update: dict[str, Any]) -> None:
    notices = SpokenNotices()
    notice = WaitingNotice(notices, 42, FakeClock())

    for _ in range(2):
        await notice(update)

    assert notices.said == []


async def test_a_notice_that_cannot_be_said_is_let_go() -> None:
    notice = WaitingNotice(SpokenNotices(error=ChatGone("blocked")), 42, FakeClock())

    for _ in range(2):
        await notice({"message": a_message()})


async def test_a_notice_that_takes_long_holds_nobody_up() -> None:
    class Mumbling(SpokenNotices):
        async def say(self, place: Place, text: str, buttons: Buttons = ()) -> None:
            del place, text, buttons
            await asyncio.sleep(60)

    notice = WaitingNotice(Mumbling(), 42, FakeClock(), patience_s=0.01)

    for _ in range(2):
        await notice({"message": a_message()})


@pytest.mark.parametrize(
    ("update", "texts"),
    [
        ({"message": a_message()}, [ENGLISH.too_much_waits]),
        ({"edited_message": a_message()}, [ENGLISH.too_much_waits]),
        ({"message": a_message("@govorun_bot why?", **CALL)}, [ENGLISH.too_much_waits]),
        ({"edited_message": a_message("@govorun_bot why?", **CALL)}, [ENGLISH.too_much_waits]),
        ({"message": a_message(chat=GROUP)}, []),
        ({"message": {"chat": GROUP}}, []),
        ({"stopped_message_generation": {"chat": GROUP}}, []),
    ],
)
async def test_who_sends_too_much_is_told_if_the_bot_was_meant(
    update: dict[str, Any], texts: list[str]
) -> None:
    notices = SpokenNotices()

    await FullNotice(notices, ME)({"update_id": 1, **update})

    assert notices.texts == texts


async def test_in_a_group_that_is_a_reply_to_who_called() -> None:
    notices = SpokenNotices()

    await FullNotice(notices, ME)({"update_id": 1, "message": a_message("@govorun_bot why?", **CALL)})

    ((place, _, _),) = notices.said
    assert (place.conversation.chat_id, place.reply_to) == (GROUP["id"], 9)


@pytest.mark.parametrize("chat", [PRIVATE, GROUP])
async def test_a_press_too_many_is_answered_in_passing(chat: dict[str, Any]) -> None:
    notices = SpokenNotices()

    await FullNotice(notices, ME)({"callback_query": a_press("again:1", a_message(chat=chat))})

    assert (notices.answered, notices.said) == ([("77", ENGLISH.too_much_waits, True)], [])


async def test_of_every_refusal_the_operator_reads_even_where_nobody_is_told() -> None:
    with capture_logs() as logs:
        await FullNotice(SpokenNotices(), ME)({"update_id": 1, "message": a_message(chat=GROUP)})

    assert [(line["log_level"], line["conversation"]) for line in logs] == [("info", "-5")]


@pytest.mark.parametrize("phrases", [RUSSIAN, ENGLISH])
def test_what_is_told_of_it_fits_what_a_press_may_be_answered(phrases: Phrases) -> None:
    assert len(phrases.too_much_waits) <= 200


async def test_that_too_much_waits_is_not_insisted_on() -> None:
    with capture_logs() as logs:
        await FullNotice(SpokenNotices(DeliveryError("blocked")), ME)({"message": a_message()})

    assert [line["log_level"] for line in logs] == ["info", "warning"]


async def test_an_apology_for_the_dead_waits_for_telegram() -> None:
    with pytest.raises(DeliveryTimeout):
        await apologies(SpokenNotices(error=DeliveryTimeout("silence"))).bury({"message": a_message()}, 42)
