import json

import pytest
from aiogram.methods import SendMessage, SendMessageDraft, SendRichMessage, SendRichMessageDraft
from aiogram.types import MessageEntity
from pydantic import TypeAdapter

from bot.replies.contents import Rich
from bot.replies.entities import Entity, Kind, Rendered
from bot.replies.wire import Address, Frame, drafting, editing, sending
from bot.types import Button

TO = Address(7, 3, "b")
BOLD = Rendered("раз два", (Entity(Kind.BOLD, 0, 3),))
BUTTONS = ((Button("Stop", "stop:5:1"),), (Button("A", "a"), Button("B", "b")))


def test_a_text_is_sent_with_its_entities_and_never_parsed() -> None:
    call = sending(TO, Frame(BOLD), None, is_plain=False)

    assert isinstance(call, SendMessage)
    assert (call.chat_id, call.message_thread_id, call.business_connection_id) == (7, 3, "b")
    assert (call.text, call.parse_mode) == ("раз два", None)
    assert json.loads(str(call.entities)) == [{"type": "bold", "offset": 0, "length": 3}]
    assert (call.reply_parameters, call.reply_markup) == (None, None)


@pytest.mark.parametrize(
    "entity",
    [Entity(Kind.LINK, 0, 3, url='https://ya.ru/?"'), Entity(Kind.PRE, 4, 3, language="py")],
)
def test_an_entity_on_the_wire_is_one_of_telegrams(entity: Entity) -> None:
    call = editing(TO, 9, Frame(Rendered("раз два", (entity,))), is_plain=False)

    (found,) = TypeAdapter(list[MessageEntity]).validate_json(str(call.entities))
    assert (found.type, found.offset, found.length) == (entity.type, entity.offset, entity.length)
    assert (found.url, found.language) == (entity.url, entity.language)


def test_a_plain_text_is_sent_without() -> None:
    assert sending(TO, Frame(BOLD), None, is_plain=True).model_dump()["entities"] is None
    assert editing(TO, 9, Frame(BOLD), is_plain=True).entities is None


def test_a_rich_message_is_sent_as_the_model_wrote_it() -> None:
    call = sending(TO, Frame(Rich("**раз**")), 5, is_plain=False)

    assert isinstance(call, SendRichMessage)
    assert call.rich_message.markdown == "**раз**"
    assert call.reply_parameters is not None
    assert (call.reply_parameters.message_id, call.reply_parameters.allow_sending_without_reply) == (5, True)


def test_an_edit_has_either_a_text_or_a_rich_message() -> None:
    text, rich = editing(TO, 9, Frame(BOLD), is_plain=False), editing(TO, 9, Frame(Rich("r")), is_plain=False)

    assert (text.text, text.rich_message) == ("раз два", None)
    assert rich.text is None
    assert rich.rich_message is not None
    assert (text.message_id, rich.message_id) == (9, 9)


@pytest.mark.parametrize("content", [BOLD, Rich("r")])
def test_buttons_stand_in_their_rows(content: Rendered | Rich) -> None:
    for call in (
        sending(TO, Frame(content, BUTTONS), None, is_plain=False),
        editing(TO, 9, Frame(content, BUTTONS), is_plain=False),
    ):
        markup = call.model_dump(warnings=False)["reply_markup"]
        markup = json.loads(markup) if isinstance(markup, str) else markup

        rows = [[(one["text"], one["callback_data"]) for one in row] for row in markup["inline_keyboard"]]
        assert rows == [[("Stop", "stop:5:1")], [("A", "a"), ("B", "b")]]


def test_while_a_message_grows_it_has_no_preview_of_links() -> None:
    live, final = Frame(BOLD, is_live=True), Frame(BOLD)

    call = editing(TO, 9, live, is_plain=False)

    assert json.loads(call.model_dump(warnings=False)["link_preview_options"]) == {"is_disabled": True}
    assert "is_disabled" not in str(editing(TO, 9, final, is_plain=False).link_preview_options)


def test_a_draft_can_be_stopped_and_stays_then() -> None:
    call, rich = drafting(TO, 11, BOLD), drafting(TO, 11, Rich("r"))

    assert isinstance(call, SendMessageDraft)
    assert isinstance(rich, SendRichMessageDraft)
    for one in (call, rich):
        assert (one.chat_id, one.message_thread_id, one.draft_id) == (7, 3, 11)
        assert (one.can_stop, one.keep_on_stop) == (True, True)


def test_a_draft_without_a_text_is_the_placeholder() -> None:
    call = drafting(TO, 11, Rendered())

    assert isinstance(call, SendMessageDraft)
    assert (call.text, call.parse_mode, call.entities) == ("", None, None)
