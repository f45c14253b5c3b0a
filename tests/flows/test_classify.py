import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.presses import Act
from bot.sandbox.models.faults import Refuse
from bot.sandbox.models.rules import DOCUMENTED_RATES, Rules
from bot.sandbox.models.twin import ModelsTwin
from bot.sandbox.telegram.world import Fault, Upload
from bot.texts import ENGLISH
from tests.tools.house import ANNA, BORIS, GROUP, KEY, House, open_house
from tests.tools.pressing import data_of, press, told
from tests.tools.protos import few_shot_request

WORDS = ENGLISH.classifying
AT_ONCE = {"classifications_per_second": 0}


def a_twin(**more: Any) -> ModelsTwin:
    return ModelsTwin(api_key=KEY, folder_id="folder", first_token_s=0.01, token_s=0.001, **more)


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    """A bot whose service wants no pace; every call and request is judged at the end."""
    async with open_house(redis_url, models=a_twin(), yandex=AT_ONCE) as one:
        yield one
        one.judge()


def files(house: House, chat_id: int = ANNA) -> list[dict[str, Any]]:
    return [message for message in house.world.bot_messages(chat_id) if "document" in message]


async def table_after(house: House, text: str = "", chat_id: int = ANNA) -> list[dict[str, str]]:
    """Say something if there is anything to say, and wait for a table."""
    if text:
        house.world.say(chat_id, ANNA, text)
    await house.until(lambda: files(house, chat_id), 60)
    content = house.world.attached(files(house, chat_id)[-1]).content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content, newline="")))


def asked(house: House) -> list[Any]:
    """What the service was asked, oldest first."""
    return [few_shot_request(request.raw) for request in house.models.requests_of("fewShotTextClassification")]


async def chart_after(house: House, text: str, chat_id: int = ANNA, **more: Any) -> str:
    """Say something, and wait for a chart."""
    house.world.say(chat_id, ANNA, text, **more)
    await house.until(lambda: "%" in str(house.world.bot_messages(chat_id)[-1:]))
    return house.world.text_of_last_bot_message(chat_id)


def says_in_one_go(house: House, *texts: str) -> None:
    """Let Anna's client cut what she wrote."""
    for text in texts:
        house.world.say(ANNA, ANNA, text)


async def test_a_text_gets_every_label_with_the_figures_of_the_model(redis_url: str) -> None:
    async with open_house(redis_url, models=a_twin(), yandex=AT_ONCE) as house:
        house.world.say(ANNA, ANNA, "/classify where is my parcel?")
        await house.until(lambda: "доставка" in str(house.world.bot_messages(ANNA)[-1:]))

        shown = house.world.text_of_last_bot_message(ANNA)
        (request,) = house.models.requests_of("fewShotTextClassification")
        asked = few_shot_request(request.raw)
        assert (asked.text, len(asked.labels)) == ("where is my parcel?", 5)
        assert all(label in shown for label in asked.labels)
        assert shown.count("%") == 5


async def test_several_lines_come_back_as_a_table(house: House) -> None:
    rows = await table_after(house, "/classify one\ntwo\n\nthree")

    assert [row["text"] for row in rows] == ["one", "two", "three"]
    assert all(row["confidence"] == row[row["label"]] for row in rows)
    assert all(
        sum(float(row[label]) for label in asked(house)[0].labels) == pytest.approx(1, abs=0.001)
        for row in rows
    )
    status, table = house.world.bot_messages(ANNA)
    assert status["text"].startswith("✅ Topic of a request")
    assert "reply_markup" not in status
    assert table["caption"] == "Topic of a request"


async def test_a_name_before_the_texts_chooses_for_once(house: House) -> None:
    for text in ("urgency: help!", "Urgency help!", "urgency\nhelp!", "help!"):
        house.world.say(ANNA, ANNA, f"/classify {text}")
    await house.until(lambda: len(asked(house)) == 4)

    assert [(one.text, "срочно" in one.labels) for one in asked(house)] == [
        *[("help!", True)] * 3,
        ("help!", False),
    ]


async def test_a_name_alone_chooses_from_now_on(house: House) -> None:
    assert "Urgency" in await house.hears("/classify urgency")

    await chart_after(house, "/classify help!")

    assert "срочно" in asked(house)[0].labels


async def test_a_name_below_a_file_chooses_for_once(house: House) -> None:
    house.world.send_document(
        ANNA, ANNA, Upload("a.txt", "text/plain", b"one\ntwo\n"), caption="/classify tone"
    )
    await table_after(house)

    assert files(house)[-1]["document"]["file_name"] == "a-tone.csv"
    assert {"хвалит" in one.labels for one in asked(house)} == {True}


async def test_a_message_that_is_replied_to_is_one_text(house: House) -> None:
    letter = "Good day.\n\nWhere is my parcel?\n\nYours, Anna"
    said = house.world.say(GROUP, ANNA, letter)

    await chart_after(house, "/classify", GROUP, reply_to=said["message_id"])

    assert [one.text for one in asked(house)] == [letter]


async def test_a_file_that_is_replied_to_comes_back_as_a_table(house: House) -> None:
    sent = house.world.send_document(GROUP, ANNA, Upload("a.csv", "text/csv", b"text;n\none;1\ntwo;2\n"))
    house.world.say(GROUP, ANNA, "/classify@govorun_bot", reply_to=sent["message_id"])

    await house.until(lambda: files(house, GROUP))

    table = house.world.attached(files(house, GROUP)[-1]).content.decode("utf-8-sig")
    assert [line.partition(";")[0] for line in table.splitlines()] == ["text", "one", "two"]


async def test_words_below_a_file_that_is_none_for_us_are_a_text(house: House) -> None:
    sent = house.world.send_document(
        GROUP, ANNA, Upload("scan.pdf", "application/pdf", b"%PDF"), caption="my receipt"
    )

    await chart_after(house, "/classify", GROUP, reply_to=sent["message_id"])

    assert [one.text for one in asked(house)] == ["my receipt"]


async def test_in_a_group_the_command_may_stand_below_a_file(house: House) -> None:
    sent = house.world.send_document(
        GROUP, ANNA, Upload("a.txt", "text/plain", b"one\ntwo\n"), caption="/classify@govorun_bot"
    )
    await house.until(lambda: files(house, GROUP))

    status = house.world.bot_messages(GROUP)[0]
    assert status["reply_to_message"]["message_id"] == sent["message_id"]


async def test_a_long_list_that_the_client_has_cut_is_one(house: House) -> None:
    lines = [
        f"{number:03} my parcel has been on its way for weeks and nobody knows where" for number in range(100)
    ]
    whole = "/classify\n" + "\n".join(lines)
    cut = whole.rindex("\n", 0, 4096)

    says_in_one_go(house, whole[:cut], whole[cut + 1 :])
    rows = await table_after(house)

    assert [row["text"] for row in rows] == lines
    assert house.bodies() == []


async def test_two_files_that_are_sent_together_are_one_list(house: House) -> None:
    shared = {"media_group_id": "7"}
    for name, caption in (("a.txt", {"caption": "/classify"}), ("b.txt", {})):
        sent = house.world.state.files.keep_document(Upload(name, "text/plain", f"from {name}".encode()))
        command = [{"type": "bot_command", "offset": 0, "length": 9}]
        entities = {"caption_entities": command} if caption else {}
        house.world.send(ANNA, ANNA, {**shared, **sent, **caption, **entities})

    rows = await table_after(house)

    assert [row["text"] for row in rows] == ["from a.txt", "from b.txt"]
    assert house.bodies() == []


async def test_stop_brings_what_was_found_so_far(redis_url: str) -> None:
    pace = {"classifications_per_second": 10}
    async with open_house(redis_url, models=a_twin(), yandex=pace) as house:
        house.world.say(ANNA, ANNA, "/classify " + "\n".join(map(str, range(300))))
        await house.until(
            lambda: len(asked(house)) > 5 and data_of(house.world.bot_messages(ANNA)[-1], Act.STOP)
        )

        query = press(house, Act.STOP)
        rows = await table_after(house)

        assert 5 <= len(rows) < 100
        assert await told(house, query) == ENGLISH.stopped
        status, _ = house.world.bot_messages(ANNA)
        assert WORDS.stopped.format(done=len(rows), total=300) in status["text"]
        count = len(asked(house))
        await house.hears("/id")
        assert len(asked(house)) == count
        house.judge()


async def test_a_long_list_does_not_hold_up_others(redis_url: str) -> None:
    async with open_house(redis_url, models=a_twin(), yandex={"classifications_per_second": 20}) as house:
        house.world.say(BORIS, BORIS, "/classify " + "\n".join(map(str, range(500))))
        await house.until(lambda: len(asked(house)) > 5)

        before = len(asked(house))
        await chart_after(house, "/classify hello")

        texts = [one.text for one in asked(house)[before:]]
        assert texts.index("hello") <= 3
        house.world.say(BORIS, BORIS, "/stop")
        await house.until(lambda: files(house, BORIS))


async def test_a_stranger_with_a_file_stays_outside(redis_url: str) -> None:
    async with open_house(redis_url, models=a_twin(), yandex=AT_ONCE, access={"policy": "list"}) as house:
        house.world.send_document(
            GROUP, ANNA, Upload("a.txt", "text/plain", b"one"), caption="/classify@govorun_bot"
        )
        await house.until(lambda: house.world.bot_messages(GROUP))

        assert "private" in house.world.text_of_last_bot_message(GROUP)
        assert house.models.requests == []


async def test_a_file_with_the_command_below_it_comes_back_as_a_table(redis_url: str) -> None:
    async with open_house(redis_url, models=a_twin(), yandex=AT_ONCE) as house:
        content = "id;text\n1;Где посылка?\n2;Спасибо\n".encode("cp1251")
        house.world.send_document(ANNA, ANNA, Upload("letters.csv", "text/csv", content), caption="/classify")
        await house.until(lambda: files(house), 60)

        document = files(house)[-1]
        assert document["document"]["file_name"] == "letters-support.csv"
        assert "Где посылка?" in house.world.attached(document).content.decode("utf-8-sig")


async def test_a_reply_classifies_what_the_message_says(redis_url: str) -> None:
    async with open_house(redis_url, models=a_twin(), yandex=AT_ONCE) as house:
        said = house.world.say(GROUP, ANNA, "my parcel is late")

        house.world.say(GROUP, ANNA, "/classify", reply_to=said["message_id"])
        await house.until(lambda: house.models.requests_of("fewShotTextClassification"))

        (request,) = house.models.requests_of("fewShotTextClassification")
        assert few_shot_request(request.raw).text == "my parcel is late"


async def test_the_command_alone_shows_a_menu_and_a_choice_is_remembered(redis_url: str) -> None:
    async with open_house(redis_url, models=a_twin(), yandex=AT_ONCE) as house:
        assert WORDS.choose in await house.hears("/classify")
        menu = house.world.bot_messages(ANNA)[-1]
        query = house.world.press(ANNA, ANNA, menu["message_id"], "classifier:urgency")
        await house.until(lambda: house.world.callback_answer(query))

        house.world.say(ANNA, ANNA, "/classify help!")
        await house.until(lambda: house.models.requests_of("fewShotTextClassification"))

        (request,) = house.models.requests_of("fewShotTextClassification")
        assert "срочно" in few_shot_request(request.raw).labels


async def test_a_service_with_a_quota_refuses_nobody_and_progress_is_shown(redis_url: str) -> None:
    twin = a_twin(rules=Rules(rates=DOCUMENTED_RATES))
    async with open_house(redis_url, models=twin) as house:
        rows = await table_after(house, "/classify 1\n2\n3\n4\n5\n6\n7\n8")

        assert len(rows) == 8
        assert not twin.refused_by_quota
        assert any(" of 8" in str(call.params.get("text")) for call in house.world.calls)


ENDINGS = {
    "denied": (Refuse(403, "Permission denied"), ENGLISH.failures.denied),
    "credentials": (Refuse(401, "Unknown api key"), ENGLISH.failures.credentials),
    "no model": (Refuse(400, "invalid model_uri"), ENGLISH.failures.unknown_model),
}


@pytest.mark.parametrize(("fault", "sentence"), ENDINGS.values(), ids=ENDINGS)
async def test_whatever_goes_wrong_ends_in_its_sentence(redis_url: str, fault: Refuse, sentence: str) -> None:
    async with open_house(redis_url, models=a_twin(), yandex=AT_ONCE) as house:
        house.models.fail_always(fault, method="fewShotTextClassification")

        house.world.say(ANNA, ANNA, "/classify why?")
        await house.until(lambda: sentence in str(house.world.bot_messages(ANNA)[-1:]))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.txt", b"\n \n", WORDS.empty),
        ("a.txt", bytes(range(256)) * 20, WORDS.not_text),
        ("a.txt", b"x" * 1_000_001, WORDS.too_large.format(kilobytes=1000)),
        ("a.txt", b"x\n" * 1001, WORDS.too_many.format(count=1001, most=1000)),
        ("a.txt", b"x" * 10_001, WORDS.too_long.format(count=10_001, most=10_000)),
        ("a.txt", "Где посылка? Жду её неделю.".encode("koi8-r"), WORDS.odd_encoding),
        ("a.xlsx", b"PK\x03\x04\x14\x00\x06\x00", WORDS.not_text),
        ("a.csv", b"id;text\n1;\n", WORDS.empty),
    ],
    ids=["empty", "no text", "too large", "too many", "too long", "koi8-r", "excel", "no column"],
)
async def test_a_file_that_cannot_be_read_is_told(
    redis_url: str, name: str, content: bytes, sentence: str
) -> None:
    async with open_house(redis_url, models=a_twin(), yandex=AT_ONCE) as house:
        house.world.send_document(ANNA, ANNA, Upload(name, "text/plain", content), caption="/classify")
        await house.until(lambda: sentence in str(house.world.bot_messages(ANNA)[-1:]))

        assert house.models.requests == []


async def test_a_file_that_telegram_does_not_hand_over_is_told(house: House) -> None:
    house.world.faults.add(Fault.refusal(400, "Bad Request: file is too big"), "getFile")
    house.world.send_document(ANNA, ANNA, Upload("a.txt", "text/plain", b"one"), caption="/classify")

    await house.until(lambda: WORDS.not_fetched in str(house.world.bot_messages(ANNA)[-1:]))


async def test_where_there_is_no_classifier_that_is_told(redis_url: str, tmp_path: Path) -> None:
    (tmp_path / "assistant.yaml").write_text("system: Help.\n", "utf-8")
    async with open_house(redis_url, models=a_twin(), prompts=tmp_path) as house:
        assert await house.hears("/classify") == WORDS.none
        assert await house.hears("/classify hello") == WORDS.none


async def test_a_button_of_a_classifier_that_is_gone_is_told(house: House) -> None:
    await house.hears("/classify")
    menu = house.world.bot_messages(ANNA)[-1]

    query = house.world.press(ANNA, ANNA, menu["message_id"], "classifier:gone", is_forged=True)

    assert await told(house, query) == ENGLISH.button_expired


async def test_a_tuned_classifier_brings_its_labels(redis_url: str, tmp_path: Path) -> None:
    (tmp_path / "assistant.yaml").write_text("system: Help.\n", "utf-8")
    text = "kind: classifier\ntitle: Mood\nmodel: cls://folder/yandexgpt-lite/latest@mood\n"
    (tmp_path / "mood.yaml").write_text(text, "utf-8")
    twin = a_twin(rules=Rules(tuned_labels={"mood": ("glad", "sad")}))
    async with open_house(redis_url, models=twin, prompts=tmp_path, yandex=AT_ONCE) as house:
        shown = await chart_after(house, "/classify hello")

        assert "glad" in shown
        assert len(house.models.requests_of("textClassification")) == 1
        house.judge()


async def test_what_it_costs_is_booked(house: House) -> None:
    await table_after(house, "/classify one\ntwo")

    assert "requests: 2" in await house.hears("/usage")


async def test_a_new_classifier_is_one_file(redis_url: str, tmp_path: Path) -> None:
    (tmp_path / "assistant.yaml").write_text("system: Help.\n", "utf-8")
    text = "kind: classifier\ntask: Name the fruit\nlabels: [apple, pear]\nmodel: yandexgpt\n"
    (tmp_path / "fruit.yaml").write_text(text, "utf-8")
    async with open_house(redis_url, models=a_twin(), prompts=tmp_path, yandex=AT_ONCE) as house:
        house.world.say(ANNA, ANNA, "/classify it is green")
        await house.until(lambda: "pear" in str(house.world.bot_messages(ANNA)[-1:]))

        (request,) = house.models.requests_of("fewShotTextClassification")
        assert few_shot_request(request.raw).model_uri == "cls://folder/yandexgpt"
