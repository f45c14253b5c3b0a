"""How answers of every kind look in a real browser: drafts, rich messages, quotes and files."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Browser

from bot.sandbox.telegram.params import Upload
from bot.sandbox.telegram.rich.message import kept_rich
from bot.sandbox.telegram.rich.rules import RichRules
from tests.browser.conftest import Visit
from tests.tools.page_stage import ANNA, BEN, Stage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ANSWER = """# What a bird *knows*

It can `sing`, ~~fly~~ and count: $a^2 + b^2$, see [here](https://example.org/).

| Bird | Words |
|:--|--:|
| jay | **12** |

```python
print(1)
```

$$
\\frac{1}{2}
$$

1. one
   - [x] two

> quoted

<details><summary>More</summary>

inside

</details>

||hidden|| /help"""


def rich(markdown: str) -> dict[str, Any]:
    """The fields of a message as the Telegram twin would make them."""
    return kept_rich({"markdown": markdown}, RichRules(), is_draft=True).as_fields()


async def test_a_draft_grows_and_becomes_a_message(visit: Visit) -> None:
    visit.stage.world.bot_drafts(ANNA, "")
    await visit.see(".draft .thinking", "Thinking")
    for text in ("Once", "Once upon", "Once upon a time"):
        visit.stage.world.bot_drafts(ANNA, text)
        await visit.see(".draft .text", text)
    fresh = await visit.text(".draft .fresh")
    visit.stage.world.bot_says(ANNA, "Once upon a time.")

    await visit.see("#list .row.theirs", "Once upon a time.")
    await visit.miss(".draft")
    await visit.miss("#stop")
    assert fresh == " a time"
    visit.judge()


async def test_another_draft_is_new_from_its_beginning(visit: Visit) -> None:
    visit.stage.world.bot_drafts(ANNA, "Once upon", draft_id=1)
    await visit.see(".draft .text", "Once upon")
    visit.stage.world.bot_drafts(ANNA, "Once more", draft_id=2)

    await visit.see(".draft .text", "Once more")

    assert await visit.text(".draft .fresh") == "Once more"


async def test_a_draft_has_a_stop_button_of_its_own(visit: Visit) -> None:
    visit.stage.world.bot_drafts(ANNA, "Half a")

    await visit.page.get_by_role("button", name="Stop", exact=True).click()
    await visit.see("#text:focus")
    visit.stage.world.bot_drafts(ANNA, "Half a", can_stop=False, is_stopped=True)

    await visit.see(".draft.stopped", "Half a")
    await visit.miss(".stop-draft")
    await visit.miss("#stop")
    assert visit.stage.world.stopped_drafts == [(ANNA, None)]


async def test_the_stop_button_keeps_the_focus_from_frame_to_frame(visit: Visit) -> None:
    visit.stage.world.bot_drafts(ANNA, "Half")
    await visit.page.focus(".stop-draft")

    visit.stage.world.bot_drafts(ANNA, "Half a")
    await visit.see(".draft .text", "Half a")

    await visit.see(".stop-draft:focus")


async def test_a_draft_is_still_there_after_a_reload_and_an_edit(visit: Visit) -> None:
    message_id = visit.stage.world.bot_says(ANNA, "Before")
    visit.stage.world.bot_drafts(ANNA, "Half a")

    await visit.page.reload()
    await visit.see(".draft .text", "Half a")
    visit.stage.world.bot_edits(ANNA, message_id, "Before, changed")
    await visit.see("#list .text", "Before, changed")

    await visit.see(".draft .text", "Half a")


async def test_a_draft_expires_by_itself(visit: Visit) -> None:
    visit.stage.world.bot_drafts(ANNA, "Half a", ttl_s=0.4)

    await visit.see(".draft")

    await visit.miss(".draft")


async def test_a_rich_message_shows_everything_in_it(visit: Visit) -> None:
    visit.stage.world.bot_sends(ANNA, **rich(ANSWER))

    await visit.see(".rich [role=heading][aria-level='1'] em", "knows")
    assert await visit.text(".rich p > code >> nth=0") == "sing"
    assert await visit.text(".rich p > .formula") == "a^2 + b^2"
    assert await visit.text(".rich th.right") == "Words"
    assert await visit.text(".rich td strong") == "12"
    assert await visit.text(".rich .code pre") == "print(1)"
    assert await visit.text(".rich .formula.block") == "\\frac{1}{2}"
    assert (await visit.text(".rich .items .items li")).split() == ["☑", "two"]
    assert await visit.text(".rich blockquote") == "quoted"
    assert await visit.page.get_attribute(".rich a", "href") == "https://example.org/"
    assert not await visit.page.locator(".rich details p").is_visible()
    await visit.page.click(".rich summary")
    await visit.see(".rich details p", "inside")
    await visit.page.click(".rich .spoiler")
    await visit.see(".rich .spoiler.shown", "hidden")
    await visit.see(".place-last", "What a bird knows")
    await visit.page.click(".rich button.link")
    await visit.see(".row.mine .text", "/help")
    visit.judge()


async def test_a_rich_draft_grows_into_a_rich_message(visit: Visit) -> None:
    visit.stage.world.bot_drafts(ANNA, "", **rich("<tg-thinking>Looking it up</tg-thinking>"))
    await visit.see(".draft .thinking", "Looking it up")
    visit.stage.world.bot_drafts(ANNA, "", **rich("## Half\n\nan answer"))
    await visit.see(".draft .heading", "Half")

    visit.stage.world.bot_sends(ANNA, **rich("## Whole"))

    await visit.see("#list .heading", "Whole")
    await visit.miss(".draft")


async def test_markup_in_a_rich_message_is_text(visit: Visit) -> None:
    evil = {"type": "url", "text": "<img src=x onerror=alert(1)>", "url": "javascript:alert(1)"}
    blocks = [{"type": "paragraph", "text": evil}, {"type": "map"}]

    visit.stage.world.bot_sends(ANNA, rich_message={"blocks": blocks})

    await visit.see(".rich", "<img src=x")
    await visit.see(".rich .faint", "map")
    assert await visit.page.locator(".rich :is(img, a)").count() == 0


async def test_a_long_quote_opens_on_a_click_and_stays_open(visit: Visit) -> None:
    text = "\n".join(f"Thought {number}" for number in range(1, 13))
    entities = [{"type": "expandable_blockquote", "offset": 0, "length": len(text)}]
    message_id = visit.stage.world.bot_says(ANNA, text, entities=entities)
    await visit.see("blockquote.folded", "Thought 1")
    folded = await visit.page.locator("blockquote").evaluate("node => node.clientHeight < node.scrollHeight")

    await visit.page.click("blockquote .unfold")
    await visit.see("blockquote:not(.folded) .unfold[aria-expanded=true]")
    visit.stage.world.bot_edits(ANNA, message_id, f"{text}\nMore", entities=entities)
    await visit.see(".text", "More")
    open_ = await visit.page.locator("blockquote").evaluate("node => node.clientHeight >= node.scrollHeight")

    assert (folded, open_) == (True, True)
    await visit.page.click("blockquote")
    await visit.see("blockquote.folded .unfold[aria-expanded=false]")


async def test_a_file_is_downloaded_under_its_name(chromium: Browser) -> None:
    content = b"# An answer\n" * 900
    stage = Stage(files=lambda file_id: Upload(file_id, "text/markdown", content))
    document = {"file_id": "document-1", "file_name": "answer.md", "file_size": len(content)}
    stage.world.bot_sends(ANNA, document=document, caption="The whole answer")

    async with Visit(stage, chromium) as visit:
        await visit.see(".file", "answer.md")
        await visit.see(".bubble .text", "The whole answer")
        size = await visit.text(".file-size")
        async with visit.page.expect_download() as started:
            await visit.page.get_by_role("link", name="Download answer.md").click()
        download = await started.value

        assert download.suggested_filename == "answer.md"
        assert (await asyncio.to_thread((await download.path()).read_bytes)) == content
        assert size == "10.8 kB"


async def test_several_buttons_stand_in_a_row_and_each_is_pressed_alone(visit: Visit) -> None:
    row = [{"text": "Again", "callback_data": "again:1"}, {"text": "Continue", "callback_data": "more:1"}]
    message_id = visit.stage.world.bot_says(ANNA, "Cut", reply_markup={"inline_keyboard": [row]})

    await visit.page.click(".inline-keys .key >> text=Continue")
    await visit.see(".key.waiting", "Continue")

    boxes = [await key.bounding_box() for key in await visit.page.query_selector_all(".inline-keys .key")]
    assert len({box["y"] for box in boxes if box}) == 1
    assert await visit.page.locator(".key.waiting").count() == 1
    assert visit.stage.world.presses == [(message_id, "more:1")]


async def test_other_chats_see_what_a_rich_message_says(visit: Visit) -> None:
    visit.stage.world.bot_sends(BEN, **rich("# Hello, *Ben*"))

    await visit.see(".place-last", "Hello, Ben")
    await visit.see(".badge", "1")
