"""The page in a real browser, with a scripted bot behind it."""

import asyncio
from dataclasses import replace

import pytest
from playwright.async_api import Browser

from tests.browser.conftest import Visit
from tests.tools.page_stage import ANNA, BEN, BROKEN, Stage, turn_trace
from tests.tools.page_world import Growth

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

STOP = {"inline_keyboard": [[{"text": "Stop", "callback_data": "stop:1"}]]}


async def test_the_page_opens_without_complaint_or_a_request_to_outside(visit: Visit) -> None:
    visit.stage.world.bot_says(ANNA, "Hello")

    await visit.see(".row.theirs .text", "Hello")

    visit.judge()


async def test_what_i_write_stands_on_the_right_and_the_answer_grows(visit: Visit) -> None:
    Growth("one two three four five", frame_s=0.1).play(visit.stage.world)

    await visit.page.fill("#text", "Count, please")
    await visit.page.keyboard.press("Enter")
    await visit.see(".row.mine .text", "Count, please")
    await visit.see(".row.growing .text", "one two")
    await visit.see(".row.theirs:not(.growing) .text", "one two three four five")

    assert await visit.page.locator(".row.theirs").count() == 1
    assert await visit.page.input_value("#text") == ""
    assert "edited" not in await visit.text(".row.theirs .meta")


async def test_entities_become_formatting(visit: Visit) -> None:
    text = "𝐁 bold code https link spoil /help\nprint(1)\nquote"
    marks = [
        ("bold", 3, 4), ("italic", 3, 4), ("code", 8, 4), ("url", 13, 5), ("text_link", 19, 4),
        ("spoiler", 24, 5), ("bot_command", 30, 5), ("pre", 36, 8), ("blockquote", 45, 5),
    ]  # fmt: skip
    extras = {"text_link": {"url": "https://example.org/"}, "pre": {"language": "python"}}
    entities = [
        {"type": kind, "offset": start, "length": length, **extras.get(kind, {})}
        for kind, start, length in marks
    ]

    visit.stage.world.bot_says(ANNA, text, entities=entities)

    await visit.see(".text strong em", "bold")
    assert await visit.text(".text > code") == "code"
    assert await visit.text(".code pre") == "print(1)"
    assert "python" in await visit.text(".code-head")
    assert await visit.text(".text blockquote") == "quote"
    assert await visit.page.get_attribute(".text a >> text=link", "href") == "https://example.org/"
    await visit.page.click(".spoiler")
    await visit.see(".spoiler.shown", "spoil")
    await visit.page.click(".text button.link")
    await visit.see(".row.mine .text", "/help")


async def test_text_is_never_taken_for_markup(visit: Visit) -> None:
    evil = "<img src=x onerror=alert(1)> <b>not bold</b>"
    link = {"type": "text_link", "offset": 0, "length": 4, "url": "javascript:alert(1)"}

    visit.stage.world.bot_says(ANNA, evil, entities=[link])

    await visit.see(".row.theirs .text", "<b>not bold</b>")
    assert await visit.page.locator(".text :is(img, b, a)").count() == 0


async def test_a_button_waits_for_the_bots_answer(visit: Visit) -> None:
    keys = {"inline_keyboard": [[{"text": "Companion", "callback_data": "p:assistant"}]]}
    message_id = visit.stage.world.bot_says(ANNA, "Choose", reply_markup=keys)

    await visit.page.click("button.key >> text=Companion")
    await visit.see(".key.waiting")
    assert await visit.page.evaluate("document.activeElement.id") == "text"
    visit.stage.world.bot_answers("query-1", "Chosen")
    await visit.see(".toast", "Chosen")

    assert await visit.page.locator(".key.waiting").count() == 0
    assert visit.stage.world.presses == [(message_id, "p:assistant")]


async def test_the_stop_button_stops_the_growing_answer(visit: Visit) -> None:
    message_id = visit.stage.world.bot_says(ANNA, "Well", reply_markup=STOP)

    await visit.page.click("#stop")
    await visit.see(".key.waiting", "Stop")
    visit.stage.world.bot_edits(ANNA, message_id, "Well, stopped")
    await visit.miss("#stop")

    assert visit.stage.world.presses == [(message_id, "stop:1")]


async def test_a_draft_is_shown_stopped_and_cleared_by_the_message(visit: Visit) -> None:
    visit.stage.world.bot_drafts(ANNA, "")
    await visit.see(".draft .thinking")
    visit.stage.world.bot_drafts(ANNA, "Half a")
    await visit.see(".draft .text", "Half a")
    await visit.page.click("#stop")
    visit.stage.world.bot_says(ANNA, "Half a sentence")
    await visit.see("#list .row.theirs", "Half a sentence")
    await visit.miss(".draft")

    assert visit.stage.world.stopped_drafts == [(ANNA, None)]


async def test_typing_is_seen(visit: Visit) -> None:
    visit.stage.world.bot_types(ANNA)

    await visit.see(".row.typing .dots")
    await visit.see("#head .live", "is typing")


async def test_the_keyboard_alone_is_enough(visit: Visit) -> None:
    visit.stage.world.bot_sets_commands({"start": "begin", "help": "what I can do"})
    visit.stage.world.bot_says(BEN, "Hello, Ben")
    press, write = visit.page.keyboard.press, visit.page.keyboard.type

    await press("Alt+ArrowDown")
    await visit.see("#list .text", "Hello, Ben")
    await write("/h")
    await visit.see("#menu [aria-selected=true]", "/help")
    await press("Tab")
    await visit.see(".row.mine", "/help")
    await press("ArrowUp")
    await press("ArrowUp")
    await press("Enter")
    await visit.see("#answering", "Reply to")
    await press("Escape")
    await visit.miss("#answering")
    await write("two")
    await press("Shift+Enter")
    await write("lines")
    await press("Enter")
    await visit.see(".row.mine .text", "two\nlines")


async def test_a_reply_shows_what_it_answers(visit: Visit) -> None:
    visit.stage.world.bot_says(ANNA, "The first thing")
    await visit.see("#list .row.theirs")

    await visit.page.hover("#list .row.theirs .bubble")
    await visit.page.click("#list .row.theirs .tools .round")
    await visit.page.keyboard.type("And then?")
    await visit.page.keyboard.press("Enter")

    await visit.see(".row.mine .quote", "The first thing")


async def test_topics_keep_apart_and_people_take_turns(visit: Visit) -> None:
    topic = {"message_thread_id": 12, "is_topic_message": True, "forum_topic_created": {"name": "Music"}}
    visit.stage.world.bot_notes(visit.stage.group_id, **topic)
    await visit.open(f"{visit.stage.group_id}:11")

    await visit.page.click(".face >> nth=1")
    await visit.page.keyboard.type("A recipe")
    await visit.page.keyboard.press("Enter")
    await visit.see(".row.mine .text", "A recipe")
    await visit.page.click(".place.topic >> text=Music")
    await visit.see(".nothing")

    said = visit.stage.world.messages(visit.stage.group_id)[-1]
    assert (said["from"]["id"], said["message_thread_id"]) == (BEN, 11)


async def test_another_chat_counts_what_was_not_read(visit: Visit) -> None:
    visit.stage.world.bot_says(BEN, "One")
    visit.stage.world.bot_says(BEN, "Two")
    await visit.see(".place .badge", "2")

    await visit.page.click(".place >> text=Ben")

    await visit.miss(".badge")


async def test_the_inspector_shows_what_the_model_was_sent(visit: Visit) -> None:
    message_id = visit.stage.world.bot_says(ANNA, "A bird in brown.")
    other_id = visit.stage.world.bot_says(ANNA, "Something else")
    visit.stage.inspector.turn_ended(turn_trace(ANNA, message_id))
    visit.stage.inspector.turn_ended(turn_trace(ANNA, other_id, outcome="BackendTimeout"))

    await visit.see(".pill.bad", "BackendTimeout")
    await visit.page.click("#list .bubble >> nth=0")
    await visit.see("[data-part=system] .said", "You are a talking bird.")
    await visit.see("[data-part=question] .said", "And a sparrow?")
    await visit.see(".pill.good", "complete")
    await visit.see(".inspector .number", "150")
    await visit.see(".row.chosen", "A bird in brown.")
    await visit.page.click("#list .info >> nth=1")
    await visit.see(".row.chosen", "Something else")


async def test_the_question_can_be_asked_again_under_another_prompt(visit: Visit) -> None:
    message_id = visit.stage.world.bot_says(ANNA, "A bird in brown.")
    visit.stage.inspector.turn_ended(turn_trace(ANNA, message_id))

    await visit.see("#ask-again:not([disabled])")
    await visit.page.select_option(".inspector select", "translator")
    await visit.see(".row.mine", "/prompts translator")
    await visit.see(".inspector code", "prompts/translator.yaml")
    await visit.page.click("#ask-again")

    await visit.see(".row.mine", "And a sparrow?")


async def test_in_a_group_the_bot_is_asked_again_by_command(visit: Visit) -> None:
    group_id = visit.stage.group_id
    await visit.open(group_id)
    await visit.see("#ask-again[disabled]")
    trace = turn_trace(group_id)
    asked = replace(trace, ask=replace(trace.ask, question="Ben: And a sparrow?"))
    visit.stage.inspector.turn_ended(asked)

    await visit.page.click("#ask-again")

    await visit.see(".row.mine", "/ask And a sparrow?")


async def test_the_prompt_in_use_follows_what_the_bot_knows(visit: Visit) -> None:
    await visit.see(".inspector code", "prompts/assistant.yaml")
    visit.stage.shelf.chosen[ANNA, None] = "translator"

    visit.stage.world.bot_says(ANNA, "Now somebody else talks with you.")

    await visit.see(".inspector code", "prompts/translator.yaml")
    assert await visit.page.input_value(".inspector select") == "translator"


async def test_an_empty_chat_offers_questions_to_begin_with(visit: Visit) -> None:
    await visit.page.click(".starter >> text=What is a jay?")
    await visit.see(".row.mine", "What is a jay?")

    await visit.open(f"{visit.stage.group_id}:11")
    await visit.page.click(".starter")
    await visit.see(".row.mine", "@govorun_bot What is a jay?")


async def test_the_first_chat_is_one_in_the_readers_language(visit: Visit) -> None:
    await visit.open("")

    await visit.see("#head", "Ben talks with")


async def test_the_end_of_the_chat_stays_in_view_when_a_banner_takes_its_place(visit: Visit) -> None:
    for number in range(30):
        visit.stage.world.bot_says(ANNA, f"Line {number}")
    visit.stage.shelf.problems = (BROKEN,)

    await visit.open()
    await visit.see("#problems", "prompts/assistant.yaml:4:3")
    await visit.page.wait_for_timeout(300)

    frame = "document.getElementById('frame')"
    gap = await visit.page.evaluate(f"{frame}.scrollHeight - {frame}.scrollTop - {frame}.clientHeight")
    assert gap < 2


async def test_code_of_no_language_is_not_coloured(visit: Visit) -> None:
    text = "private | as is"
    block = {"type": "pre", "offset": 0, "length": len(text)}

    visit.stage.world.bot_says(ANNA, text, entities=[block])

    await visit.see(".code pre", text)
    assert await visit.page.locator(".code pre span").count() == 0


async def test_writing_goes_on_after_a_stop(visit: Visit) -> None:
    visit.stage.world.bot_says(ANNA, "Well", reply_markup=STOP)

    await visit.page.click("#stop")

    assert await visit.page.evaluate("document.activeElement.id") == "text"


async def test_an_answer_that_grows_goes_on_growing_after_a_reload(visit: Visit) -> None:
    message_id = visit.stage.world.bot_says(ANNA, "Well", reply_markup=STOP)

    await visit.page.reload()
    await visit.see(".row.growing .text", "Well")
    visit.stage.world.bot_edits(ANNA, message_id, "Well, well")

    await visit.see(".row.theirs:not(.growing) .text", "Well, well")
    await visit.miss("#stop")


async def test_a_server_that_was_started_anew_is_taken_as_it_is(visit: Visit) -> None:
    message_id = visit.stage.world.bot_says(ANNA, "Long ago")
    visit.stage.inspector.turn_ended(turn_trace(ANNA, message_id))
    visit.stage.world.bot_says(BEN, "Not read")
    await visit.see(".badge", "1")
    await visit.page.click("#list .info")

    await visit.go_away()
    visit.stage = Stage()
    await visit.come_back()

    await visit.see(".nothing")
    await visit.miss(".badge")
    await visit.see(".trace .empty", "For every answer")


async def test_the_pace_of_the_stand_in_follows_the_slider(visit: Visit) -> None:
    await visit.page.locator(".pace input").fill("77")

    await visit.see(".pace output", "77")
    async with asyncio.timeout(15):
        await visit.stage.dial.turned.wait()
    assert visit.stage.dial.tokens_per_second == 77


async def test_a_broken_prompt_is_told_until_it_is_mended(visit: Visit) -> None:
    visit.stage.shelf.problems = (BROKEN,)
    await visit.see("#problems", "prompts/assistant.yaml:4:3")

    visit.stage.shelf.problems = ()

    await visit.miss("#problems")


async def test_a_reply_keyboard_speaks_for_the_person_once(visit: Visit) -> None:
    keys = {"keyboard": [["Tea", {"text": "Coffee"}]], "one_time_keyboard": True}
    visit.stage.world.bot_says(ANNA, "Which one?", reply_markup=keys)

    await visit.page.click(".keys >> text=Coffee")

    await visit.see(".row.mine .text", "Coffee")
    await visit.miss(".keys .key")


async def test_an_alert_stays_until_it_is_read(visit: Visit) -> None:
    keys = {"inline_keyboard": [[{"text": "Admit", "callback_data": "admit"}]]}
    visit.stage.world.bot_says(ANNA, "A stranger", reply_markup=keys)

    await visit.page.click("button.key")
    await visit.see(".key.waiting")
    visit.stage.world.bot_answers("query-1", "Only owners may do that.", show_alert=True)
    await visit.see("dialog", "Only owners may do that.")
    await visit.page.keyboard.press("Enter")

    await visit.miss("dialog")


async def test_a_message_that_is_deleted_goes(visit: Visit) -> None:
    message_id = visit.stage.world.bot_says(ANNA, "Never mind")
    await visit.see("#list .row", "Never mind")

    visit.stage.world.bot_deletes(ANNA, message_id)

    await visit.see(".nothing")


async def test_one_more_person_joins_from_the_page(visit: Visit) -> None:
    await visit.page.click("#add-person")
    await visit.page.keyboard.type("Eve")
    await visit.page.keyboard.press("Enter")

    await visit.see(".place-name", "Eve")


async def test_a_lost_connection_is_told_and_mends_itself(visit: Visit) -> None:
    await visit.go_away()

    await visit.see("#lost")
    visit.stage.world.bot_says(ANNA, "Here again")
    await visit.come_back()

    await visit.see("#list .row.theirs", "Here again")
    await visit.miss("#lost")


async def test_dark_follows_the_system_and_the_choice_is_remembered(chromium: Browser) -> None:
    async with Visit(Stage(), chromium, color_scheme="dark") as visit:
        dark = await visit.style("body", "backgroundColor")
        await visit.page.click("#theme")
        light = await visit.style("body", "backgroundColor")
        await visit.page.reload()

        assert (dark, light) == ("rgb(24, 33, 36)", "rgb(255, 255, 255)")
        assert await visit.style("body", "backgroundColor") == light


async def test_a_phone_shows_one_thing_at_a_time(chromium: Browser) -> None:
    async with Visit(Stage(), chromium, viewport={"width": 375, "height": 700}) as visit:
        await visit.miss(".chats")
        await visit.page.click("#back")
        await visit.page.click(".place >> text=Ben")
        await visit.see("#head", "Ben")

        assert await visit.page.evaluate("document.documentElement.scrollWidth") == 375


async def test_a_russian_reader_gets_russian_words(chromium: Browser) -> None:
    async with Visit(Stage(), chromium, locale="ru-RU") as visit:
        assert await visit.page.get_attribute("#text", "placeholder") == "Сообщение"
        assert await visit.text(".inspector-head h2") == "Инспектор"


async def test_on_a_touch_screen_no_keyboard_comes_up_unasked(chromium: Browser) -> None:
    async with Visit(Stage(), chromium, has_touch=True, is_mobile=True) as visit:
        await visit.see(".nothing")

        assert await visit.page.evaluate("document.activeElement.id") == ""
