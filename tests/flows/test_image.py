from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.models.faults import Cut, Fail, Refuse
from bot.sandbox.models.operations import Kind
from bot.sandbox.models.twin import ModelsTwin
from bot.sandbox.telegram.faults import Fault
from bot.texts import ENGLISH, RUSSIAN
from tests.tools.house import ANNA, BORIS, GROUP, KEY, House, open_house
from tests.tools.protos import image_request

WORDS = ENGLISH.pictures
Message = dict[str, Any]
NATIVE = {"image_model": "yandex-art-2.0", "image_poll_s": 0.1}


def a_twin() -> ModelsTwin:
    return ModelsTwin(api_key=KEY, folder_id="folder", first_token_s=0.01, token_s=0.001, drawing_s=0.3)


async def photo_after(house: House, text: str, chat_id: int = ANNA, user_id: int | None = None) -> Message:
    """Say something and wait for a photo."""
    before = len(photos(house, chat_id))
    house.world.say(chat_id, chat_id if user_id is None else user_id, text)
    await house.until(lambda: len(photos(house, chat_id)) > before)
    return photos(house, chat_id)[-1]


def photos(house: House, chat_id: int = ANNA) -> list[Message]:
    return [message for message in house.world.bot_messages(chat_id) if "photo" in message]


def has_photos(house: House, count: int) -> bool:
    return len(photos(house)) == count


def data_of(message: Message, label: str) -> str:
    rows = message["reply_markup"]["inline_keyboard"]
    return next(str(one["callback_data"]) for row in rows for one in row if label in one["text"])


@pytest.mark.parametrize("changes", [NATIVE, {}], ids=["native", "openai"])
async def test_words_end_in_the_photo_of_the_model(redis_url: str, changes: Message) -> None:
    async with open_house(redis_url, models=a_twin(), yandex=changes) as house:
        photo = await photo_after(house, "/image a red cat")
        method = "imageGenerationAsync" if changes else "images/generations"
        await house.until(lambda: len(house.world.bot_messages(ANNA)) == 1)

        assert len(house.models.requests_of(method)) == 1
        assert house.world.attached(photo).content.startswith(b"\xff\xd8")
        assert photo["caption"].startswith("a red cat\n\n")
        assert ("seed" in photo["caption"]) is bool(changes)


async def test_the_body_is_one_that_the_service_understands(redis_url: str) -> None:
    async with open_house(redis_url, models=a_twin(), yandex=NATIVE) as house:
        await photo_after(house, "/image a red cat")

        (request,) = house.models.requests_of("imageGenerationAsync")
        assert image_request(request.raw).messages[0].text == "a red cat"


async def test_a_style_is_chosen_from_a_menu_and_drawn_in_from_then_on(redis_url: str) -> None:
    async with open_house(redis_url, models=a_twin(), yandex=NATIVE) as house:
        await house.hears("/image")
        menu = house.world.bot_messages(ANNA)[-1]
        query = house.world.press(ANNA, ANNA, menu["message_id"], "style:pencil")
        await house.until(lambda: house.world.callback_answer(query))

        photo = await photo_after(house, "/image a red cat")

        (request,) = house.models.requests_of("imageGenerationAsync")
        assert "Набросок" in image_request(request.raw).messages[0].text
        assert "Pencil" in photo["caption"]


async def test_the_buttons_draw_again_in_another_ratio_and_send_the_file(redis_url: str) -> None:
    async with open_house(redis_url, models=a_twin(), yandex=NATIVE) as house:
        photo = await photo_after(house, "/image a red cat")
        message_id = photo["message_id"]
        for label, count in ((WORDS.button_again, 2), ("16:9", 3)):
            house.world.press(ANNA, ANNA, message_id, data_of(photo, label))
            await house.until(partial(has_photos, house, count))
        house.world.press(ANNA, ANNA, message_id, data_of(photo, WORDS.button_file))
        await house.until(lambda: any("document" in one for one in house.world.bot_messages(ANNA)))

        requests = house.models.requests_of("imageGenerationAsync")
        first, again, wide = (image_request(request.raw) for request in requests)
        document = next(one for one in house.world.bot_messages(ANNA) if "document" in one)
        assert first.generation_options.seed != again.generation_options.seed
        assert first.generation_options.seed == wide.generation_options.seed
        assert wide.generation_options.aspect_ratio.width_ratio == 16
        assert house.world.attached(document).content == house.world.attached(photo).content


async def test_again_under_a_style_with_a_seed_draws_another_picture(redis_url: str, tmp_path: Path) -> None:
    (tmp_path / "assistant.yaml").write_text("system: Help.\n", "utf-8")
    (tmp_path / "ink.yaml").write_text(
        'kind: image\ntitle: Ink\nseed: 42\ntemplate: "{{ words }}, in ink"\n', "utf-8"
    )
    async with open_house(redis_url, models=a_twin(), prompts=tmp_path, yandex=NATIVE) as house:
        await house.hears("/image")
        menu = house.world.bot_messages(ANNA)[-1]
        query = house.world.press(ANNA, ANNA, menu["message_id"], "style:ink")
        await house.until(lambda: house.world.callback_answer(query))
        photo = await photo_after(house, "/image a red cat")

        house.world.press(ANNA, ANNA, photo["message_id"], data_of(photo, WORDS.button_again))
        await house.until(partial(has_photos, house, 2))

        requests = house.models.requests_of("imageGenerationAsync")
        first, again = (image_request(request.raw).generation_options.seed for request in requests)
        assert first == 42
        assert again not in {0, 42}


async def test_the_file_of_a_model_that_answers_at_once_is_kept_for_a_while(redis_url: str) -> None:
    async with open_house(redis_url, models=a_twin()) as house:
        photo = await photo_after(house, "/image a red cat")

        house.world.press(ANNA, ANNA, photo["message_id"], data_of(photo, WORDS.button_file))
        await house.until(lambda: any("document" in one for one in house.world.bot_messages(ANNA)))

        document = next(one for one in house.world.bot_messages(ANNA) if "document" in one)
        assert house.world.attached(document).content == house.world.attached(photo).content
        assert not any(call.method == "getFile" for call in house.world.calls)


@pytest.mark.parametrize("is_kept", [True, False])
async def test_the_file_is_asked_of_the_service_and_then_of_telegram(redis_url: str, *, is_kept: bool) -> None:
    async with open_house(redis_url, models=a_twin(), yandex=NATIVE) as house:
        photo = await photo_after(house, "/image a red cat")
        looks = len(house.models.requests_of("operations"))
        if not is_kept:
            house.models.fail_always(Refuse(404), method="operations")

        house.world.press(ANNA, ANNA, photo["message_id"], data_of(photo, WORDS.button_file))
        await house.until(lambda: any("document" in one for one in house.world.bot_messages(ANNA)))

        document = next(one for one in house.world.bot_messages(ANNA) if "document" in one)
        assert house.world.attached(document).content == house.world.attached(photo).content
        assert len(house.models.requests_of("operations")) == looks + 1
        assert any(call.method == "getFile" for call in house.world.calls) is not is_kept


async def test_in_a_group_only_the_asker_may_press(redis_url: str) -> None:
    async with open_house(redis_url, models=a_twin(), yandex=NATIVE) as house:
        photo = await photo_after(house, "/image a red cat", GROUP, ANNA)

        query = house.world.press(GROUP, BORIS, photo["message_id"], data_of(photo, WORDS.button_again))
        await house.until(lambda: house.world.callback_answer(query))

        assert (house.world.callback_answer(query) or {})["text"] == RUSSIAN.not_yours
        assert len(photos(house, GROUP)) == 1


async def test_a_reply_draws_what_the_message_says(redis_url: str) -> None:
    async with open_house(redis_url, models=a_twin(), yandex=NATIVE) as house:
        said = house.world.say(GROUP, BORIS, "a green house")

        house.world.say(GROUP, ANNA, "/image", reply_to=said["message_id"])
        await house.until(lambda: photos(house, GROUP))

        assert photos(house, GROUP)[0]["caption"].startswith("a green house")


async def test_a_reply_to_a_picture_needs_words_of_its_own(redis_url: str) -> None:
    async with open_house(redis_url, models=a_twin(), yandex=NATIVE) as house:
        photo = await photo_after(house, "/image a red cat")

        house.world.say(ANNA, ANNA, "/image", reply_to=photo["message_id"])
        await house.until(lambda: WORDS.what in str(house.world.bot_messages(ANNA)[-1:]))

        assert len(photos(house)) == 1


ETHICS = "it is not possible to generate an image from this request because it may violate the terms of use"
ENDINGS = {
    "too long": ("/image " + "cat " * 200, None, WORDS.too_long.format(most=500)),
    "too long for the service": (
        "/image a cat",
        Refuse(400, "Prompt positive size 702 exceeds limit (500)"),
        WORDS.too_long.format(most=500),
    ),
    "denied": ("/image a cat", Refuse(403, "Access to model denied"), WORDS.denied),
    "ethics": (
        "/image a cat",
        Refuse(
            400,
            ETHICS,
        ),
        WORDS.filtered,
    ),
    "quota": ("/image a cat", Refuse(429, "quota limit exceed"), WORDS.quota),
    "down": ("/image a cat", Refuse(503, "unavailable"), WORDS.down),
    "in doubt": ("/image a cat", Cut(1), WORDS.in_doubt),
}


@pytest.mark.parametrize(("text", "fault", "sentence"), ENDINGS.values(), ids=ENDINGS)
async def test_whatever_goes_wrong_ends_in_its_sentence(
    redis_url: str, text: str, fault: Refuse | Cut | None, sentence: str
) -> None:
    async with open_house(redis_url, models=a_twin(), yandex=NATIVE | {"image_fallback": ()}) as house:
        if fault:
            house.models.fail_always(fault, method="imageGenerationAsync")

        house.world.say(ANNA, ANNA, text)
        await house.until(lambda: sentence in str(house.world.bot_messages(ANNA)[-1:]))

        assert photos(house) == []
        assert len(house.world.bot_messages(ANNA)) == 1


async def test_a_model_that_refuses_is_replaced_by_its_fallback(redis_url: str) -> None:
    async with open_house(redis_url, models=a_twin(), yandex={"image_poll_s": 0.1}) as house:
        house.models.fail_always(Refuse(403, "Access to model denied"), method="images/generations")

        await photo_after(house, "/image a red cat")

        assert len(house.models.operations.of(Kind.IMAGE)) == 1


async def test_a_picture_that_hangs_is_given_up(redis_url: str) -> None:
    twin = a_twin()
    twin.drawing_s = 60
    async with open_house(redis_url, models=twin, yandex=NATIVE | {"image_timeout_s": 0.5}) as house:
        assert WORDS.hanging in await house.hears("/image a red cat")


async def test_stop_ends_the_wait_and_asks_the_service_to_end_too(redis_url: str) -> None:
    twin = a_twin()
    twin.drawing_s = 60
    async with open_house(redis_url, models=twin, yandex=NATIVE) as house:
        house.world.say(ANNA, ANNA, "/image a red cat")
        await house.until(lambda: house.world.bot_messages(ANNA))
        assert "Drawing" in house.world.text_of_last_bot_message(ANNA)

        house.world.say(ANNA, ANNA, "/stop")
        await house.until(lambda: house.world.text_of_last_bot_message(ANNA) == WORDS.stopped)
        await house.until(lambda: all(one.is_cancelled for one in twin.operations.of(Kind.IMAGE)))

        assert len(twin.operations.of(Kind.IMAGE)) == 1


async def test_a_lost_answer_of_telegram_leaves_one_photo(redis_url: str) -> None:
    async with open_house(redis_url, models=a_twin(), yandex=NATIVE) as house:
        house.world.faults.add(Fault.lost_answer(), "sendPhoto")

        await photo_after(house, "/image a red cat")
        await house.until(lambda: len(house.world.bot_messages(ANNA)) == 1, 60)

        assert len(photos(house)) == 1


@pytest.mark.parametrize("method", ["sendPhoto", "*"], ids=["no photos", "neither photos nor files"])
async def test_a_chat_that_takes_no_photos_gets_a_file_or_a_sentence(redis_url: str, method: str) -> None:
    async with open_house(redis_url, models=a_twin(), yandex=NATIVE) as house:
        for kind in ("photos", "documents"):
            refusal = Fault.refusal(400, f"Bad Request: not enough rights to send {kind} to the chat")
            if method == "*" or kind == "photos":
                house.world.faults.add(refusal, "sendPhoto" if kind == "photos" else "sendDocument")

        house.world.say(ANNA, ANNA, "/image a red cat")
        end = "document" if method == "sendPhoto" else WORDS.forbidden
        await house.until(lambda: end in str(house.world.bot_messages(ANNA)[-1:]))

        assert photos(house) == []


@pytest.mark.parametrize("seconds", [0.0, 0.5, 3.0])
async def test_what_an_operation_says_of_its_failure_is_final(redis_url: str, seconds: float) -> None:
    async with open_house(redis_url, models=a_twin(), yandex=NATIVE) as house:
        house.models.drawing_s = seconds
        house.models.fail_next(Fail(13, "internal error"), method="imageGenerationAsync")

        house.world.say(ANNA, ANNA, "/image a red cat")
        await house.until(lambda: WORDS.down in str(house.world.bot_messages(ANNA)[-1:]))

        assert len(house.models.requests_of("imageGenerationAsync")) == 1


async def test_a_new_style_is_one_file(redis_url: str, tmp_path: Path) -> None:
    (tmp_path / "assistant.yaml").write_text("system: Help.\n", "utf-8")
    (tmp_path / "ink.yaml").write_text('kind: image\ntitle: Ink\ntemplate: "{{ words }}, in ink"\n', "utf-8")
    async with open_house(redis_url, models=a_twin(), prompts=tmp_path, yandex=NATIVE) as house:
        await house.hears("/image")
        menu = house.world.bot_messages(ANNA)[-1]
        query = house.world.press(ANNA, ANNA, menu["message_id"], "style:ink")
        await house.until(lambda: house.world.callback_answer(query))

        await photo_after(house, "/image a red cat")

        (request,) = house.models.requests_of("imageGenerationAsync")
        assert image_request(request.raw).messages[0].text == "a red cat, in ink"
