"""Pictures and files in a real browser: how they look, and how people send them."""

import base64
import json
from typing import Any

import pytest
from playwright.async_api import Browser, FilePayload

from bot.sandbox.telegram.params import Upload
from tests.browser.conftest import Visit
from tests.tools.page_stage import ANNA, Stage
from tests.tools.photos import picture, sides

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CAT, DOG = picture(1200, 800, colour="grey"), picture(400, 600, colour="brown")
NOTE = b"milk, bread\n" * 90
PHONE: dict[str, Any] = {"viewport": {"width": 375, "height": 720}, "has_touch": True, "is_mobile": True}
HAND_OVER = """([what, files]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const hand = new DataTransfer();
  if (what === "dragleave") hand.items.add(new File([], "x"));
  for (const [name, type, text] of files) hand.items.add(new File([bytes(text)], name, { type }));
  const init = { bubbles: true, cancelable: true, clipboardData: hand, dataTransfer: hand };
  const Kind = what === "paste" ? ClipboardEvent : DragEvent;
  document.getElementById("text").dispatchEvent(new Kind(what, init));
}"""


def chosen(name: str, content: bytes, kind: str = "image/jpeg") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


async def attach(visit: Visit, *files: FilePayload) -> None:
    """Choose files as in the dialog of the system, and wait until they can be seen above the text."""
    await visit.page.set_input_files("#picker", list(files))
    await visit.page.locator(".tile").nth(len(files) - 1).wait_for()


async def hand_over(visit: Visit, what: str, *files: FilePayload) -> None:
    """Paste files, or drag them over the page and let them go."""
    told = [[file["name"], file["mimeType"], base64.b64encode(file["buffer"]).decode()] for file in files]
    await visit.page.evaluate(HAND_OVER, [what, told])


def sent(visit: Visit) -> list[dict[str, Any]]:
    return visit.stage.world.messages(ANNA)


def content(visit: Visit, message: dict[str, Any]) -> bytes:
    shown = message["photo"][-1] if "photo" in message else message["document"]
    return visit.stage.world.file(shown["file_id"]).content


async def test_a_photo_fills_its_bubble_with_the_caption_and_the_buttons_below(visit: Visit) -> None:
    keys = {"inline_keyboard": [[{"text": "Again", "callback_data": "again:1"}]]}
    caption = "A jay on a branch in the mist, painted with water colours on rough paper, early in the morning"
    world = visit.stage.world
    message_id = world.bot_sends(ANNA, **world.photo(CAT), caption=caption, reply_markup=keys)

    await visit.see(".pictured .text", "A jay")
    await visit.page.locator(".picture img").evaluate("image => image.decode()")
    boxes = [
        await visit.page.locator(each).bounding_box() for each in (".pictured", ".picture", ".inline-keys")
    ]
    await visit.page.click(".inline-keys .key")
    await visit.see(".key.waiting", "Again")

    assert [round(box["width"]) for box in boxes if box] == [400, 400, 400]
    assert await visit.page.locator(".picture img").evaluate("image => image.naturalWidth") == 800
    assert world.presses == [(message_id, "again:1")]
    visit.judge()


async def test_a_click_enlarges_a_photo_and_arrows_lead_to_the_others(visit: Visit) -> None:
    world = visit.stage.world
    world.bot_sends(ANNA, **world.photo(CAT), caption="A cat")
    world.bot_says(ANNA, "And a dog:")
    world.bot_sends(ANNA, **world.photo(DOG))
    await visit.page.focus(".picture >> nth=0")

    await visit.page.keyboard.press("Enter")
    await visit.see(".viewer .caption", "A cat")
    await visit.page.locator(".viewer img").evaluate("image => image.decode()")
    widths = [await visit.page.locator(".viewer img").evaluate("image => image.naturalWidth")]
    await visit.page.keyboard.press("ArrowRight")
    await visit.page.locator(".viewer img").evaluate("image => image.decode()")
    widths.append(await visit.page.locator(".viewer img").evaluate("image => image.naturalWidth"))
    async with visit.page.expect_download() as started:
        await visit.page.click(".viewer a")
    await visit.page.keyboard.press("Escape")

    await visit.miss(".viewer")
    assert widths == [1200, 400]
    assert (await started.value).suggested_filename.startswith("picture-3")
    await visit.see(".picture:focus")
    visit.judge()


async def test_a_hidden_photo_is_uncovered_before_it_is_enlarged(visit: Visit) -> None:
    world = visit.stage.world
    world.bot_sends(ANNA, **world.photo(CAT), has_media_spoiler=True)

    await visit.page.click(".picture.veiled")
    await visit.see(".picture.unveiled")
    assert await visit.page.locator(".viewer").count() == 0
    await visit.page.click(".picture")

    await visit.see(".viewer img")


async def test_an_album_is_one_bubble_however_its_parts_come(visit: Visit) -> None:
    visit.stage.world.send_album(ANNA, ANNA, [CAT, DOG, CAT, DOG, CAT], caption="Who is who?")
    visit.stage.world.bot_says(ANNA, "Well")

    await visit.see(".row.theirs", "Well")
    await visit.see(".album .picture >> nth=4")
    assert await visit.page.locator(".row.mine").count() == 1
    await visit.page.reload()
    await visit.see(".album .picture >> nth=4")
    assert await visit.page.locator(".row.mine").count() == 1
    assert "Who is who?" in await visit.text(".row.mine .text")
    visit.judge()


async def test_photos_are_seen_before_they_are_sent_with_a_caption(visit: Visit) -> None:
    await attach(visit, chosen("cat.jpg", CAT), chosen("dog.jpg", DOG))

    assert await visit.page.get_attribute("#text", "placeholder") == "Caption"
    await visit.say("Who is older?")
    await visit.see(".row.mine .album")
    await visit.miss("#tray")

    first, second = sent(visit)
    assert (first["caption"], second.get("caption")) == ("Who is older?", None)
    assert first["media_group_id"] == second["media_group_id"]
    assert [content(visit, first), content(visit, second)] == [CAT, DOG]
    assert await visit.page.input_value("#text") == ""
    assert await visit.page.get_attribute("#text", "placeholder") == "Message"
    visit.judge()


async def test_a_large_picture_becomes_a_smaller_jpeg_as_in_telegram(visit: Visit) -> None:
    await attach(visit, chosen("huge.png", picture(2560, 1600, kind="PNG"), "image/png"))

    await visit.page.click("#send")
    await visit.see(".row.mine .picture")

    (message,) = sent(visit)
    assert content(visit, message).startswith(b"\xff\xd8")
    assert sides(content(visit, message)) == (1280, 800)


async def test_pictures_go_as_files_if_the_person_wants(visit: Visit) -> None:
    huge = picture(2560, 1600, kind="PNG")
    await attach(visit, chosen("huge.png", huge, "image/png"), chosen("cat.jpg", CAT))

    await visit.page.click(".as-files")
    await visit.see(".as-files[aria-pressed=true]:focus")
    await visit.see(".plain-file .file-name", "huge.png")
    await visit.say("As they are")
    await visit.see(".row.mine .file", "cat.jpg")

    first, second = sent(visit)
    assert [first["document"]["file_name"], second["document"]["file_name"]] == ["huge.png", "cat.jpg"]
    assert (first["caption"], second.get("caption")) == ("As they are", None)
    assert [content(visit, first), content(visit, second)] == [huge, CAT]


async def test_a_file_goes_under_its_name_beside_a_photo(visit: Visit) -> None:
    odd = picture(210, 10)
    await attach(visit, chosen("list.txt", NOTE, "text/plain"), chosen("odd.jpg", odd), chosen("cat.jpg", CAT))

    await visit.say("Read")
    await visit.see(".row.mine .file", "odd.jpg")

    photo, note, narrow = sent(visit)
    assert (photo["caption"], content(visit, photo)) == ("Read", CAT)
    assert (note["document"]["file_name"], note["document"]["mime_type"]) == ("list.txt", "text/plain")
    assert [content(visit, note), content(visit, narrow)] == [NOTE, odd]


@pytest.mark.parametrize("what", ["paste", "drop"])
async def test_files_can_be_pasted_and_dropped(visit: Visit, what: str) -> None:
    if what == "drop":
        await hand_over(visit, "dragover", chosen("cat.jpg", CAT))
        await visit.see("#veil", "Drop here to send")
        await hand_over(visit, "dragleave")
        await visit.miss("#veil")
        await hand_over(visit, "dragover", chosen("cat.jpg", CAT))
        await visit.see("#veil")

    await hand_over(visit, what, chosen("cat.jpg", CAT))

    await visit.see(".tile canvas")
    await visit.see("#text:focus")
    await visit.miss("#veil")


async def test_whoever_is_quicker_than_the_preview_sends_the_picture_all_the_same(visit: Visit) -> None:
    await visit.page.fill("#text", "Quick")
    submit = "document.getElementById('composer').requestSubmit()"
    told = [["paste", [["cat.jpg", "image/jpeg", base64.b64encode(CAT).decode()]]]]

    await visit.page.evaluate(f"([args]) => {{ ({HAND_OVER})(args); {submit}; }}", told)
    await visit.see(".row.mine .picture")

    (message,) = sent(visit)
    assert (message["caption"], content(visit, message)) == ("Quick", CAT)


async def test_what_was_attached_can_be_left_out_by_keyboard(visit: Visit) -> None:
    await attach(visit, chosen("cat.jpg", CAT), chosen("dog.jpg", DOG))

    await visit.page.get_by_role("button", name="Leave out cat.jpg").press("Enter")
    await visit.see(".drop:focus[aria-label='Leave out dog.jpg']")
    await visit.page.keyboard.press("Enter")
    await visit.miss("#tray")
    await visit.see("#text:focus")
    await attach(visit, chosen("cat.jpg", CAT))
    await visit.page.press("#text", "Escape")

    await visit.miss("#tray")
    assert sent(visit) == []


async def test_every_chat_keeps_what_was_attached_there(visit: Visit) -> None:
    await attach(visit, chosen("cat.jpg", CAT))

    await visit.page.keyboard.press("Alt+ArrowDown")
    await visit.miss("#tray")
    await visit.page.keyboard.press("Alt+ArrowUp")

    await visit.see(".tile canvas")


async def test_a_photo_replies_and_is_replied_to(visit: Visit) -> None:
    world = visit.stage.world
    question = world.bot_sends(ANNA, **world.photo(DOG), caption="Show me yours")
    await visit.page.hover(".row.theirs .bubble")
    await visit.page.get_by_role("button", name="Reply").click()
    await visit.see(".answering .thumb")

    await attach(visit, chosen("cat.jpg", CAT))
    await visit.page.press("#text", "Enter")
    await visit.see(".row.mine .quote", "Show me yours")

    assert sent(visit)[-1]["reply_to_message"]["message_id"] == question
    await visit.see(".row.mine .quote .thumb")
    await visit.miss("#answering")


async def test_the_caption_of_an_own_photo_is_changed(visit: Visit) -> None:
    visit.stage.world.send_album(ANNA, ANNA, [CAT, DOG], caption="A cut")
    await visit.page.hover(".row.mine .bubble")
    await visit.page.get_by_role("button", name="Edit", exact=True).click()

    assert await visit.page.input_value("#text") == "A cut"
    await visit.say("A cat")

    await visit.see(".row.mine .text", "A cat")
    assert visit.stage.world.edited[-1]["caption"] == "A cat"
    assert await visit.page.locator(".row.mine .picture").count() == 2


async def test_what_cannot_be_sent_comes_back(visit: Visit) -> None:
    await attach(visit, chosen("cat.jpg", CAT), chosen("a.txt", NOTE, "text/plain"))
    await visit.say("x" * 1025)
    await visit.see(".toast", "A caption has at most 1024 characters.")
    await visit.see(".tile canvas")

    await visit.go_away()
    await visit.say("Look")

    await visit.see(".toast", "That did not work")
    await visit.see(".tile.plain-file", "a.txt")
    assert await visit.page.input_value("#text") == "Look"
    await visit.come_back()
    await visit.miss("#lost")
    await visit.say("Look again")
    await visit.see(".row.mine .file", "a.txt")
    assert [message.get("caption") for message in sent(visit)] == ["Look again", None]


async def test_what_is_too_much_is_told(visit: Visit) -> None:
    await visit.page.set_input_files("#picker", [chosen(f"{number}.jpg", CAT) for number in range(11)])
    await visit.see(".toast", "At most 10 can be sent together.")
    await visit.page.set_input_files("#picker", [chosen("empty.txt", b"", "text/plain")])

    await visit.see(".toast", "A file must not be empty")
    assert await visit.page.locator(".tile").count() == 10


async def test_what_is_said_after_a_photo_comes_after_it(visit: Visit) -> None:
    await attach(visit, chosen("huge.png", picture(2560, 1600, kind="PNG"), "image/png"))

    await visit.page.press("#text", "Enter")
    await visit.say("There")
    await visit.see(".row.mine .text", "There")

    assert ["photo" in message for message in sent(visit)] == [True, False]


async def test_that_a_picture_is_on_its_way_is_seen(visit: Visit) -> None:
    visit.stage.world.bot_types(ANNA)
    await visit.see("#head .live", "is typing")

    visit.stage.world.bot_types(ANNA, "upload_photo")

    await visit.see("#head .live", "is sending a picture")
    await visit.see(".row.sendingPhoto .icon")


async def test_a_picture_in_a_file_is_no_page_and_an_answer_to_it_names_it(visit: Visit) -> None:
    visit.stage.world.send_document(ANNA, ANNA, Upload("cat.jpg", "image/jpeg", CAT))

    await visit.see(".row.mine .file", "cat.jpg")
    await visit.see(".place-last", "cat.jpg")
    assert await visit.page.locator(".picture").count() == 0


async def test_on_a_phone_all_of_it_fits_and_speaks_the_readers_language(chromium: Browser) -> None:
    stage = Stage()
    stage.world.send_album(ANNA, ANNA, [CAT, DOG, CAT, DOG], caption="Кто тут?")
    stage.world.bot_sends(ANNA, **stage.world.photo(CAT), caption="Серая кошка")

    async with Visit(stage, chromium, locale="ru-RU", **PHONE) as visit:
        await visit.page.get_by_role("button", name="Прикрепить картинки или файлы").wait_for()
        await attach(visit, *(chosen(f"{number}.jpg", CAT) for number in range(10)))
        await visit.see(".as-files", "Файлами")
        await visit.page.locator(".theirs .picture").tap()
        await visit.see(".viewer .caption", "Серая кошка")
        width = "Math.max(document.documentElement.scrollWidth, document.querySelector('#frame').scrollWidth)"

        assert await visit.page.evaluate(width) == 375
        assert json.loads(await visit.page.evaluate("JSON.stringify(document.body.scrollWidth)")) == 375
        await visit.page.get_by_role("button", name="Закрыть").last.tap()
        await visit.page.locator("#send").tap()
        await visit.see(".row.mine .album .picture >> nth=9")
        visit.judge()
