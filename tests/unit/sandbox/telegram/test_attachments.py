from collections.abc import Callable
from typing import Any

import pytest
from aiogram import Bot

from bot.replies.live import LiveReply
from bot.sandbox.telegram.world import ImpossibleError, TelegramWorld, Upload
from tests.tools.botapi import object_problems
from tests.tools.photos import picture
from tests.tools.world_stage import ANNA, WorldStage
from tests.unit.sandbox.telegram.api import FORUM, GROUP, PERSON, TOPIC, Api

CAT, DOG = picture(1000, 500, colour="grey"), picture(64, 48, kind="PNG", colour="brown")


def heard(world: TelegramWorld) -> list[dict[str, Any]]:
    return [update.get("message") or update["edited_message"] for update in world.state.updates.oldest(100)]


async def test_a_photo_is_heard_in_many_sizes_and_fetched(world: TelegramWorld, bot: Bot) -> None:
    sent = world.send_photo(PERSON, PERSON, CAT, caption="what is it? /ask")

    (message,) = [update.message for update in await bot.get_updates()]
    assert message is not None
    assert message.photo is not None
    assert [size.width for size in message.photo] == [90, 320, 800, 1000]
    assert (message.caption, message.media_group_id) == ("what is it? /ask", None)
    assert [entity.type for entity in message.caption_entities or ()] == ["bot_command"]
    assert list(object_problems(sent, "Message")) == []
    content = await bot.download(message.photo[-1])
    assert content is not None
    assert content.read() == CAT == world.attached(sent).content


async def test_a_photo_without_a_caption_is_fine(world: TelegramWorld) -> None:
    sent = world.send_photo(PERSON, PERSON, DOG)

    assert "caption" not in sent
    assert heard(world) == [sent]


async def test_an_album_is_heard_photo_by_photo(world: TelegramWorld) -> None:
    sent = world.send_album(PERSON, PERSON, [CAT, DOG], caption="which is older?")

    assert heard(world) == sent
    assert [message.get("caption") for message in sent] == ["which is older?", None]
    assert len({message["media_group_id"] for message in sent}) == 1
    assert [world.attached(message).content for message in sent] == [CAT, DOG]
    assert world.send_album(PERSON, PERSON, [CAT, DOG])[0]["media_group_id"] != sent[0]["media_group_id"]


@pytest.mark.parametrize(
    ("upload", "mime_type"),
    [
        (Upload("notes.txt", "", b"hello"), "text/plain"),
        (Upload("table.csv", "", b"a,b"), "text/csv"),
        (Upload("cat.jpg", "", CAT), "image/jpeg"),
        (Upload("thing", "x-thing/x", b"?"), "x-thing/x"),
        (Upload("thing", "", b"?"), "application/octet-stream"),
    ],
)
async def test_a_document_is_heard_with_its_name_and_type(
    world: TelegramWorld, bot: Bot, upload: Upload, mime_type: str
) -> None:
    sent = world.send_document(PERSON, PERSON, upload, caption="read it")

    (message,) = [update.message for update in await bot.get_updates()]
    assert message is not None
    assert message.document is not None
    assert (message.document.file_name, message.document.mime_type) == (upload.name, mime_type)
    assert (message.document.file_size, message.caption) == (len(upload.content), "read it")
    assert list(object_problems(sent, "Message")) == []
    content = await bot.download(message.document)
    assert content is not None
    assert content.read() == upload.content


def test_a_photo_is_fetched_in_virtual_time_too() -> None:
    stage = WorldStage()
    sent = stage.world.send_photo(ANNA, ANNA, CAT)
    fetched: list[bytes] = []

    async def fetch(_: LiveReply) -> None:
        content = await stage.processes[0].bot.download(sent["photo"][-1]["file_id"])
        assert content is not None
        fetched.append(content.read())

    stage.play(fetch)

    assert fetched == [CAT]


async def test_a_file_that_is_too_big_is_heard_but_not_fetched(world: TelegramWorld, api: Api) -> None:
    sent = world.send_document(PERSON, PERSON, Upload("film.bin", "", bytes((20 << 20) + 1)))

    refusal = await api.refusal("getFile", file_id=sent["document"]["file_id"])

    assert refusal == "Bad Request: file is too big"


async def test_files_may_reply_and_lie_in_topics(world: TelegramWorld, bot: Bot) -> None:
    asked = await bot.send_message(FORUM, "show me", message_thread_id=TOPIC)

    photo = world.send_photo(FORUM, PERSON, DOG, topic_id=TOPIC, reply_to=asked.message_id)
    album = world.send_album(FORUM, PERSON, [DOG, DOG], topic_id=TOPIC, reply_to=asked.message_id)
    file = world.send_document(FORUM, PERSON, Upload("a.txt", "", b"a"), topic_id=TOPIC)

    replies = [photo, *album]
    assert [message["reply_to_message"]["text"] for message in replies] == ["show me"] * 3
    assert {message["message_thread_id"] for message in [*replies, file]} == {TOPIC}
    assert heard(world) == replies


def test_privacy_hears_captions_that_are_meant_for_the_bot(world: TelegramWorld) -> None:
    world.send_photo(GROUP, PERSON, DOG)
    world.send_photo(GROUP, PERSON, DOG, caption="@govorun_bot what is it?")
    world.send_document(GROUP, PERSON, Upload("a.txt", "", b"a"), caption="/ask")

    assert [message["caption"] for message in heard(world)] == ["@govorun_bot what is it?", "/ask"]


async def test_what_a_person_sent_can_be_sent_back(world: TelegramWorld, bot: Bot) -> None:
    sent = world.send_photo(PERSON, PERSON, DOG)

    await bot.send_photo(PERSON, sent["photo"][0]["file_id"])

    assert world.bot_messages(PERSON)[-1]["photo"] == sent["photo"]


def test_a_caption_is_edited_written_and_taken_away(world: TelegramWorld) -> None:
    message_id = world.send_photo(PERSON, PERSON, DOG)["message_id"]

    written = world.edit(PERSON, message_id, "what? /ask")
    bare = world.edit(PERSON, message_id, " ")

    assert (written["caption"], written["caption_entities"][0]["type"]) == ("what? /ask", "bot_command")
    assert {"text", "caption", "caption_entities"} & bare.keys() == set()
    assert bare["photo"] == written["photo"]
    assert heard(world)[1:] == [written, bare]
    assert world.frames(PERSON, message_id) == ["", "what? /ask", ""]


def test_a_message_without_a_file_has_nothing_attached(world: TelegramWorld) -> None:
    with pytest.raises(KeyError):
        world.attached(world.say(PERSON, PERSON, "hi"))


def test_the_impossible_is_not_sent(world: TelegramWorld) -> None:
    note = Upload("a.txt", "", b"a")
    impossible: list[Callable[[], object]] = [
        lambda: world.send_photo(PERSON, PERSON, b"hello"),
        lambda: world.send_photo(PERSON, PERSON, bytes((10 << 20) + 1)),
        lambda: world.send_photo(PERSON, PERSON, DOG, caption="x" * 1025),
        lambda: world.send_photo(PERSON, PERSON, DOG, reply_to=99),
        lambda: world.send_photo(PERSON, PERSON + 1, DOG),
        lambda: world.send_photo(FORUM, PERSON, DOG, topic_id=99),
        lambda: world.send_album(PERSON, PERSON, []),
        lambda: world.send_album(PERSON, PERSON, [DOG] * 11),
        lambda: world.send_document(PERSON, PERSON, Upload("a.txt", "", b"")),
        lambda: world.send_document(PERSON, PERSON, note, caption="x" * 1025),
    ]

    for act in impossible:
        with pytest.raises(ImpossibleError):
            act()

    assert world.messages(PERSON) == []
