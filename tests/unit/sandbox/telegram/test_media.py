import json
from typing import Any

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
    MessageEntity,
    ReplyParameters,
)

from bot.sandbox.telegram.flood import FloodLimits
from bot.sandbox.telegram.server import TelegramServer
from bot.sandbox.telegram.world import Account, BotAccount, Fault, TelegramWorld
from tests.tools.botapi import assert_call_matches_schema, object_problems
from tests.tools.clock import FakeClock
from tests.tools.photos import picture
from tests.unit.sandbox.telegram.api import FORUM, GROUP, PERSON, TOKEN, TOPIC, Api

JPEG, PNG = picture(1000, 500), picture(64, 48, kind="PNG")
STOP = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Stop", callback_data="stop")]])


def photo(content: bytes = PNG) -> BufferedInputFile:
    return BufferedInputFile(content, "photo.png")


def note(name: str = "a.txt", content: bytes = b"hello") -> BufferedInputFile:
    return BufferedInputFile(content, name)


def in_album(content: bytes = PNG, **extras: Any) -> InputMediaPhoto:
    return InputMediaPhoto(media=photo(content), **extras)


def buttons(message: Message) -> list[str | None]:
    rows = message.reply_markup.inline_keyboard if message.reply_markup else []
    return [button.callback_data for row in rows for button in row]


def last(world: TelegramWorld, chat_id: int = PERSON) -> dict[str, Any]:
    return world.bot_messages(chat_id)[-1]


async def test_a_photo_is_shown_in_many_sizes_and_the_last_is_what_was_sent(
    world: TelegramWorld, bot: Bot
) -> None:
    sent = await bot.send_photo(PERSON, BufferedInputFile(JPEG, "a.jpg"))

    assert sent.photo is not None
    assert [(size.width, size.height) for size in sent.photo] == [(90, 45), (320, 160), (800, 400), (1000, 500)]
    assert len({size.file_unique_id for size in sent.photo}) == 4
    assert all(len(size.file_id) > 64 for size in sent.photo)
    assert world.attached(last(world)).content == world.file(sent.photo[-1].file_id).content == JPEG
    assert sent.photo[-1].file_size == len(JPEG)


async def test_a_photo_carries_all_that_a_message_may(world: TelegramWorld, bot: Bot) -> None:
    asked = world.say(FORUM, PERSON, "/image a jay", topic_id=TOPIC)

    sent = await bot.send_photo(
        FORUM,
        photo(),
        caption=" a jay ",
        caption_entities=[MessageEntity(type="bold", offset=3, length=3)],
        reply_parameters=ReplyParameters(message_id=asked["message_id"]),
        reply_markup=STOP,
        message_thread_id=TOPIC,
        has_spoiler=True,
        show_caption_above_media=True,
    )

    assert sent.reply_to_message is not None
    assert (sent.caption, sent.reply_to_message.text) == ("a jay", "/image a jay")
    assert [(one.type, one.offset, one.length) for one in sent.caption_entities or ()] == [("bold", 2, 3)]
    assert (buttons(sent), sent.message_thread_id, sent.is_topic_message) == (["stop"], TOPIC, True)
    assert (sent.has_media_spoiler, sent.show_caption_above_media) == (True, True)
    assert list(object_problems(last(world, FORUM), "Message")) == []
    assert_call_matches_schema(world.calls[-1].method, world.calls[-1].params)
    assert world.text_of_last_bot_message(FORUM) == "a jay"


async def test_a_photo_is_sent_again_by_any_of_its_ids(bot: Bot) -> None:
    sent = await bot.send_photo(PERSON, photo(JPEG))

    assert sent.photo is not None
    again = await bot.send_photo(GROUP, sent.photo[0].file_id, caption="again")

    assert (again.photo, again.caption) == (sent.photo, "again")


async def test_the_same_picture_sent_twice_is_two_photos(bot: Bot) -> None:
    one, other = [await bot.send_photo(PERSON, photo()) for _ in range(2)]

    assert one.photo is not None
    assert other.photo is not None
    assert one.photo[0].file_id != other.photo[0].file_id


async def test_a_document_keeps_its_name_and_is_fetched(world: TelegramWorld, bot: Bot) -> None:
    sent = await bot.send_document(PERSON, note("a.csv"), caption=" /see ", reply_markup=STOP)

    assert sent.document is not None
    assert (sent.document.file_name, sent.document.file_size) == ("a.csv", 5)
    assert sent.document.mime_type == "text/csv"
    assert (sent.caption, [entity.type for entity in sent.caption_entities or ()]) == ("/see", ["bot_command"])
    assert buttons(sent) == ["stop"]
    assert list(object_problems(last(world), "Message")) == []
    again = await bot.send_document(PERSON, sent.document.file_id)
    assert again.document == sent.document
    content = await bot.download(again.document.file_id)
    assert content is not None
    assert content.read() == b"hello"


async def test_a_file_of_no_known_type_is_a_document_too(bot: Bot) -> None:
    sent = await bot.send_document(PERSON, note("answer"))

    assert sent.document is not None
    assert sent.document.mime_type == "application/octet-stream"


async def test_a_file_may_come_in_the_field_of_its_own_name(world: TelegramWorld, api: Api) -> None:
    form = aiohttp.FormData({"chat_id": str(PERSON)})
    form.add_field("photo", PNG, filename="a.png")

    async with api.client.post(f"{api.url}/bot{TOKEN}/sendPhoto", data=form) as answer:
        assert answer.status == 200

    assert world.attached(last(world)).content == PNG


async def test_a_photo_takes_the_draft_away(world: TelegramWorld, bot: Bot) -> None:
    await bot.send_message_draft(PERSON, 1, text="drawing")

    await bot.send_photo(PERSON, photo())

    assert world.draft(PERSON) is None


async def test_a_lost_answer_leaves_the_photo_sent(world: TelegramWorld, bot: Bot) -> None:
    world.faults.add(Fault.lost_answer(), "sendPhoto")

    with pytest.raises(TelegramNetworkError):
        await bot.send_photo(PERSON, photo())

    assert world.attached(last(world)).content == PNG


@pytest.mark.parametrize("action", ["upload_photo", "upload_document"])
async def test_that_a_file_is_on_its_way_can_be_shown(world: TelegramWorld, bot: Bot, action: str) -> None:
    watch = world.watch()

    assert await bot.send_chat_action(PERSON, action)

    assert (await anext(watch)).payload["action"] == action


@pytest.mark.parametrize(
    ("method", "params", "reason"),
    [
        ("sendPhoto", {}, "there is no photo in the request"),
        ("sendPhoto", {"photo": "attach://nowhere"}, "there is no photo in the request"),
        ("sendDocument", {}, "there is no document in the request"),
        ("sendDocument", {"document": "nothing"}, "wrong file identifier/HTTP URL specified"),
        ("sendPhoto", {"photo": "https://ya.ru/a.png"}, "failed to get HTTP URL content"),
        ("getFile", {}, "file_id not specified"),
        ("getFile", {"file_id": "x"}, "wrong file_id or the file is temporarily unavailable"),
        ("sendMediaGroup", {}, 'parameter "media" is required'),
        ("sendMediaGroup", {"media": {}}, "expected an Array of InputMedia"),
        ("sendMediaGroup", {"media": []}, "there are no messages to send"),
        ("sendMediaGroup", {"media": [5]}, "can't parse InputMedia: expected an Object"),
        ("sendMediaGroup", {"media": [{}]}, "can't parse InputMedia: Can't find field \"type\""),
        ("sendMediaGroup", {"media": [{"type": "sticker", "media": "x"}]},
         'can\'t parse InputMedia: type "sticker" is unsupported'),
        ("sendMediaGroup", {"media": [{"type": "photo"}]}, "can't parse InputMedia: media not found"),
        ("sendMediaGroup", {"media": [{"type": "photo", "media": "x"}] * 11},
         "too many messages to send as an album"),
        ("sendMediaGroup", {"media": [{"type": "photo", "media": "x"}, {"type": "document", "media": "x"}]},
         "document can't be mixed with other media types"),
        ("sendMediaGroup", {"media": [{"type": "photo", "media": "x"}]},
         'failed to send message #1 with the error message "wrong file identifier/HTTP URL specified"'),
    ],
)  # fmt: skip
async def test_missing_files_are_refused(api: Api, method: str, params: dict[str, Any], reason: str) -> None:
    assert await api.refusal(method, chat_id=PERSON, **params) == f"Bad Request: {reason}"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "file must be non-empty"),
        (b"hello", "IMAGE_PROCESS_FAILED"),
        (picture(21, 1), "PHOTO_INVALID_DIMENSIONS"),
        (bytes((10 << 20) + 1), "too big for a photo"),
    ],
)
async def test_bad_photos_are_refused(world: TelegramWorld, bot: Bot, content: bytes, reason: str) -> None:
    with pytest.raises(TelegramBadRequest, match=reason):
        await bot.send_photo(PERSON, photo(content))

    assert world.bot_messages(PERSON) == []


async def test_captions_and_kinds_are_looked_after(bot: Bot) -> None:
    sent = await bot.send_document(PERSON, note(content=bytes((20 << 20) + 1)))

    assert sent.document is not None
    with pytest.raises(TelegramBadRequest, match="message caption is too long"):
        await bot.send_photo(PERSON, photo(), caption="x" * 1025)
    with pytest.raises(TelegramBadRequest, match="entity beginning at UTF-16 offset 0 ends after the end"):
        await bot.send_photo(
            PERSON, photo(), caption="x", caption_entities=[MessageEntity(type="bold", offset=0, length=2)]
        )
    with pytest.raises(TelegramBadRequest, match="type of file mismatch"):
        await bot.send_photo(PERSON, sent.document.file_id)
    with pytest.raises(TelegramBadRequest, match="file is too big"):
        await bot.get_file(sent.document.file_id)


async def test_an_album_is_many_messages_with_one_number(world: TelegramWorld, bot: Bot) -> None:
    sent = await bot.send_media_group(PERSON, [in_album(caption="one", has_spoiler=True), in_album(JPEG)])

    assert [message.caption for message in sent] == ["one", None]
    assert [message.has_media_spoiler for message in sent] == [True, None]
    (number,) = {message.media_group_id for message in sent}
    assert number is not None
    assert [world.attached(message).content for message in world.bot_messages(PERSON)] == [PNG, JPEG]
    assert [list(object_problems(message, "Message")) for message in world.bot_messages(PERSON)] == [[], []]
    assert_call_matches_schema(world.calls[-1].method, world.calls[-1].params)
    (alone,) = await bot.send_media_group(PERSON, [in_album()])
    assert alone.media_group_id is None
    other = await bot.send_media_group(PERSON, [in_album(), in_album()])
    assert other[0].media_group_id != number


async def test_an_album_with_one_bad_photo_is_not_sent(world: TelegramWorld, bot: Bot) -> None:
    reason = 'failed to send message #2 with the error message "IMAGE_PROCESS_FAILED"'

    with pytest.raises(TelegramBadRequest, match=reason):
        await bot.send_media_group(PERSON, [in_album(), in_album(b"hello")])

    assert world.bot_messages(PERSON) == []


@pytest.fixture
async def shown(bot: Bot) -> Message:
    return await bot.send_photo(PERSON, photo(), caption="one", reply_markup=STOP, has_spoiler=True)


async def test_a_caption_is_edited_and_taken_away(
    world: TelegramWorld, bot: Bot, shown: Message, clock: FakeClock
) -> None:
    clock.advance(5)
    place: dict[str, Any] = {"chat_id": PERSON, "message_id": shown.message_id}

    edited = await bot.edit_message_caption(caption="two", show_caption_above_media=True, **place)
    bare = await bot.edit_message_caption(**place)

    assert isinstance(edited, Message)
    assert isinstance(bare, Message)
    assert (edited.caption, edited.show_caption_above_media, edited.reply_markup) == ("two", True, None)
    assert edited.edit_date == int(shown.date.timestamp()) + 5
    assert (bare.caption, bare.show_caption_above_media, bare.photo) == (None, None, shown.photo)
    assert world.frames(PERSON, shown.message_id) == ["one", "two", ""]
    assert list(object_problems(last(world), "Message")) == []


async def test_a_caption_can_be_refused(api: Api, shown: Message, bot: Bot) -> None:
    place = {"chat_id": PERSON, "message_id": shown.message_id}
    text = await bot.send_message(PERSON, "text")

    same = {"caption": " one ", "reply_markup": STOP.model_dump(exclude_none=True)}
    assert "message is not modified" in await api.refusal("editMessageCaption", **place, **same)
    refusal = await api.refusal("editMessageCaption", **place, caption="x" * 1025)
    assert refusal == "Bad Request: message caption is too long"
    refusal = await api.refusal("editMessageCaption", chat_id=PERSON, message_id=text.message_id, caption="a")
    assert refusal == "Bad Request: there is no caption in the message to edit"
    refusal = await api.refusal("editMessageText", **place, text="a")
    assert refusal == "Bad Request: there is no text in the message to edit"


async def test_a_photo_is_replaced_with_all_that_belonged_to_it(
    world: TelegramWorld, bot: Bot, shown: Message
) -> None:
    edited = await bot.edit_message_media(
        in_album(JPEG, caption="two"), chat_id=PERSON, message_id=shown.message_id, reply_markup=STOP
    )

    assert isinstance(edited, Message)
    assert (edited.caption, edited.has_media_spoiler, buttons(edited)) == ("two", None, ["stop"])
    assert world.attached(last(world)).content == JPEG
    assert_call_matches_schema(world.calls[-1].method, world.calls[-1].params)


async def test_a_text_becomes_a_photo_and_a_photo_a_document(world: TelegramWorld, bot: Bot) -> None:
    said = await bot.send_message(PERSON, "drawing <b>", entities=[])
    place: dict[str, Any] = {"chat_id": PERSON, "message_id": said.message_id}

    await bot.edit_message_media(in_album(caption="done"), **place)
    assert world.frames(PERSON, said.message_id) == ["drawing <b>", "done"]
    await bot.edit_message_media(InputMediaDocument(media=note()), **place)

    assert {"text", "photo", "caption"} & last(world).keys() == set()
    assert world.attached(last(world)).content == b"hello"
    assert list(object_problems(last(world), "Message")) == []


async def test_a_photo_can_be_refused_as_a_replacement(api: Api, bot: Bot, shown: Message) -> None:
    place = {"chat_id": PERSON, "message_id": shown.message_id}
    assert shown.photo is not None
    known = {"type": "photo", "media": shown.photo[0].file_id}
    (first, _) = await bot.send_media_group(PERSON, [in_album(), in_album()])

    refusal = await api.refusal("editMessageMedia", **place)
    assert refusal == 'Bad Request: parameter "media" is required'
    refusal = await api.refusal("editMessageMedia", **place, media={"type": "photo", "media": "x"})
    assert refusal == "Bad Request: wrong file identifier/HTTP URL specified"
    with pytest.raises(TelegramBadRequest, match="can't change media type in the album"):
        await bot.edit_message_media(
            InputMediaDocument(media=note()), chat_id=PERSON, message_id=first.message_id
        )
    same = {**known, "caption": "one", "has_spoiler": True}
    keyboard = STOP.model_dump(exclude_none=True)
    refusal = await api.refusal("editMessageMedia", **place, media=same, reply_markup=keyboard)
    assert "message is not modified" in refusal
    edited = await api.result("editMessageMedia", **place, media=json.dumps(known))
    assert "caption" not in edited


async def test_the_buttons_of_a_photo_are_changed_alone(world: TelegramWorld, bot: Bot, shown: Message) -> None:
    edited = await bot.edit_message_reply_markup(chat_id=PERSON, message_id=shown.message_id)

    assert isinstance(edited, Message)
    assert (edited.caption, edited.photo, edited.reply_markup) == ("one", shown.photo, None)
    assert world.frames(PERSON, shown.message_id) == ["one"]


async def test_flood_control_counts_files_and_every_part_of_an_album(clock: FakeClock) -> None:
    world = TelegramWorld(
        token=TOKEN, bot=BotAccount(42, "govorun_bot", "Govorun"), clock=clock, flood=FloodLimits()
    )
    world.add_person(Account(PERSON, "Vera"))
    world.say(PERSON, PERSON, "hi")
    async with TelegramServer(world) as server, aiohttp.ClientSession() as client:
        api = Api(server.url, client)
        sent = await api.result("sendMessage", chat_id=PERSON, text="a")
        place = {"chat_id": PERSON, "message_id": sent["message_id"]}
        for content in (PNG, JPEG, b"hello"):
            form = aiohttp.FormData({"media": json.dumps({"type": "photo", "media": "attach://a"})})
            form.add_fields(*((name, str(value)) for name, value in place.items()))
            form.add_field("a", content, filename="a")
            async with client.post(f"{server.url}/bot{TOKEN}/editMessageMedia", data=form) as answer:
                assert answer.status == (200 if content != b"hello" else 400)
        known = {"type": "photo", "media": world.bot_messages(PERSON)[0]["photo"][0]["file_id"]}

        refusal = await api.refusal("sendMediaGroup", chat_id=PERSON, media=[known, known])

    assert refusal == "Too Many Requests: retry after 3"
    assert len(world.bot_messages(PERSON)) == 1
