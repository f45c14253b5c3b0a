import csv
import io
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.models.faults import Refuse
from bot.sandbox.models.rules import DOCUMENTED_RATES, Rules
from bot.sandbox.models.twin import ModelsTwin
from bot.sandbox.telegram.world import Upload
from bot.texts import ENGLISH
from tests.tools.house import ANNA, GROUP, KEY, House, open_house
from tests.tools.protos import few_shot_request

WORDS = ENGLISH.classifying
AT_ONCE = {"classifications_per_second": 0}


def a_twin(**more: Any) -> ModelsTwin:
    return ModelsTwin(api_key=KEY, folder_id="folder", first_token_s=0.01, token_s=0.001, **more)


def files(house: House) -> list[dict[str, Any]]:
    return [message for message in house.world.bot_messages(ANNA) if "document" in message]


async def table_after(house: House, text: str = "") -> list[dict[str, str]]:
    """Say something if there is anything to say, and wait for a table."""
    if text:
        house.world.say(ANNA, ANNA, text)
    await house.until(lambda: files(house), 60)
    content = house.world.attached(files(house)[-1]).content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


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


async def test_several_lines_come_back_as_a_table(redis_url: str) -> None:
    async with open_house(redis_url, models=a_twin(), yandex=AT_ONCE) as house:
        rows = await table_after(house, "/classify one\ntwo\n\nthree")

        assert [row["text"] for row in rows] == ["one", "two", "three"]
        assert all(row["label"] in row and 0 < float(row["confidence"]) <= 1 for row in rows)


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
        rows = await table_after(house, "/classify 1\n2\n3\n4\n5\n6")

        assert len(rows) == 6
        assert not twin.refused_by_quota
        assert any(" of 6" in str(call.params.get("text")) for call in house.world.calls)


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
    ],
    ids=["empty", "no text", "too large", "too many"],
)
async def test_a_file_that_cannot_be_read_is_told(
    redis_url: str, name: str, content: bytes, sentence: str
) -> None:
    async with open_house(redis_url, models=a_twin(), yandex=AT_ONCE) as house:
        house.world.send_document(ANNA, ANNA, Upload(name, "text/plain", content), caption="/classify")
        await house.until(lambda: sentence in str(house.world.bot_messages(ANNA)[-1:]))

        assert house.models.requests == []


async def test_a_new_classifier_is_one_file(redis_url: str, tmp_path: Path) -> None:
    (tmp_path / "assistant.yaml").write_text("system: Help.\n", "utf-8")
    text = "kind: classifier\ntask: Name the fruit\nlabels: [apple, pear]\nmodel: yandexgpt\n"
    (tmp_path / "fruit.yaml").write_text(text, "utf-8")
    async with open_house(redis_url, models=a_twin(), prompts=tmp_path, yandex=AT_ONCE) as house:
        house.world.say(ANNA, ANNA, "/classify it is green")
        await house.until(lambda: "pear" in str(house.world.bot_messages(ANNA)[-1:]))

        (request,) = house.models.requests_of("fewShotTextClassification")
        assert few_shot_request(request.raw).model_uri == "cls://folder/yandexgpt"
