"""Changing one's own message and replying to the bot's, in a real browser."""

import pytest
from playwright.async_api import Browser

from tests.browser.conftest import Visit
from tests.tools.page_stage import ANNA, BEN, Stage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MINE = "#list .row.mine"
SWIPE = """([selector, dx, dy]) => {
  const target = document.querySelector(selector);
  const fire = (kind, x, y) => {
    const touch = new Touch({ identifier: 1, target, clientX: x, clientY: y });
    const touches = kind === "touchend" ? [] : [touch];
    target.dispatchEvent(new TouchEvent(kind, { touches, changedTouches: [touch], bubbles: true }));
  };
  fire("touchstart", 200, 100);
  for (const part of [0.3, 0.7, 1]) fire("touchmove", 200 + dx * part, 100 + dy * part);
  fire("touchend", 200 + dx, 100 + dy);
}"""


async def test_a_question_is_edited_where_it_stands(visit: Visit) -> None:
    await visit.say("What is a jey?")
    visit.stage.world.bot_says(ANNA, "I do not know.")
    await visit.page.fill("#text", "something else")

    await visit.page.hover(f"{MINE} .bubble")
    await visit.page.get_by_role("button", name="Edit", exact=True).click()
    await visit.see("#answering", "Edit the message")
    assert await visit.page.input_value("#text") == "What is a jey?"
    await visit.say("What is a jay?")

    await visit.see(f"{MINE} .text", "What is a jay?")
    await visit.see(f"{MINE} .meta", "edited")
    await visit.miss("#answering")
    assert await visit.page.input_value("#text") == "something else"
    assert [(each["message_id"], each["text"]) for each in visit.stage.world.edited] == [(1, "What is a jay?")]
    visit.judge()


async def test_an_edit_can_be_left(visit: Visit) -> None:
    await visit.say("One")
    await visit.page.hover(f"{MINE} .bubble")
    await visit.page.get_by_role("button", name="Edit", exact=True).click()

    await visit.page.fill("#text", "Two")
    await visit.page.press("#text", "Escape")

    await visit.miss("#answering")
    assert await visit.page.input_value("#text") == ""
    assert visit.stage.world.edited == []


async def test_the_same_text_is_no_edit(visit: Visit) -> None:
    await visit.say("One")
    await visit.page.hover(f"{MINE} .bubble")
    await visit.page.get_by_role("button", name="Edit", exact=True).click()

    await visit.page.press("#text", "Enter")

    await visit.miss("#answering")
    assert visit.stage.world.edited == []


async def test_an_edit_ends_with_its_message_and_with_the_chat(visit: Visit) -> None:
    for leave in ("delete", "move"):
        await visit.say("One")
        await visit.page.hover(f"{MINE} .bubble >> nth=-1")
        await visit.page.get_by_role("button", name="Edit", exact=True).last.click()
        await visit.see("#answering")

        if leave == "delete":
            visit.stage.world.bot_deletes(ANNA, visit.stage.world.messages(ANNA)[-1]["message_id"])
        else:
            await visit.page.click(".place >> text=Ben")

        await visit.miss("#answering")
        assert await visit.page.input_value("#text") == ""


async def test_the_keyboard_edits_too(visit: Visit) -> None:
    press, write = visit.page.keyboard.press, visit.page.keyboard.type
    await visit.say("One")
    await visit.see(MINE)

    await press("ArrowUp")
    await press("e")
    await visit.see("#answering", "Edit the message")
    await write(" and two")
    await press("Enter")

    await visit.see(f"{MINE} .text", "One and two")


async def test_what_others_said_cannot_be_edited(visit: Visit) -> None:
    visit.stage.world.bot_says(ANNA, "Hello")
    await visit.page.hover("#list .row.theirs .bubble")

    assert await visit.page.get_by_role("button", name="Edit", exact=True).count() == 0


async def test_a_reply_to_the_bot_carries_what_it_answers(visit: Visit) -> None:
    message_id = visit.stage.world.bot_says(ANNA, "A jay is a bird.")

    await visit.page.hover("#list .row.theirs .bubble")
    await visit.page.get_by_role("button", name="Reply", exact=True).click()
    await visit.see("#answering", "A jay is a bird.")
    await visit.say("Which colour?")

    await visit.see(f"{MINE} .quote", "A jay is a bird.")
    assert visit.stage.world.messages(ANNA)[-1]["reply_to_message"]["message_id"] == message_id


async def test_a_finger_replies_by_a_swipe_and_edits_by_a_tap(chromium: Browser) -> None:
    phone = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}
    stage = Stage()
    stage.world.bot_says(BEN, "Hello, Ben")
    async with Visit(stage, chromium, **phone) as visit:
        await visit.open(BEN)
        await visit.page.evaluate(SWIPE, ["#list .row .bubble", -30, 0])
        await visit.page.evaluate(SWIPE, ["#list .row .bubble", -80, 90])
        await visit.miss("#answering")
        await visit.page.evaluate(SWIPE, ["#list .row .bubble", -80, 10])
        await visit.see("#answering", "Hello, Ben")
        await visit.say("And you?")
        await visit.see(f"{MINE} .quote", "Hello, Ben")

        await visit.page.tap(f"{MINE} .bubble .text")
        await visit.page.get_by_role("button", name="Edit", exact=True).tap()
        await visit.say("And how are you?")

        await visit.see(f"{MINE} .text", "And how are you?")
        assert await visit.page.evaluate("document.documentElement.scrollWidth") == 390
