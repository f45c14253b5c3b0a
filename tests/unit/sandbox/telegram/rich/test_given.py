import pytest

from tests.tools.botapi import object_problems
from tests.unit.sandbox.telegram.rich.making import made, read, refusal

PARAGRAPH = {"type": "paragraph", "text": ["a ", {"type": "bold", "text": "b"}]}


def test_given_blocks_are_carried_as_they_are_and_lists_get_their_labels() -> None:
    items = [{"blocks": [PARAGRAPH]}, {"blocks": [PARAGRAPH], "value": 7}]
    quote = {"type": "blockquote", "blocks": [{"type": "list", "items": items}]}

    [block] = made(blocks=[quote])

    assert [item["label"] for item in block["blocks"][0]["items"]] == ["•", "7."]
    assert list(object_problems({"blocks": [block]}, "RichMessage")) == []
    assert read(blocks=[quote]) == "• a b\n7. a b"


@pytest.mark.parametrize(
    ("blocks", "reason"),
    [
        ([5], "this stand-in for Telegram does not show rich blocks of type None"),
        ([{"type": "map"}], "this stand-in for Telegram does not show rich blocks of type 'map'"),
        ([{"type": "heading", "text": "a"}], "can't parse InputRichBlock: Can't find field \"size\""),
        ([{"type": "list", "items": [5]}], "can't parse InputRichBlockListItem: expected an Object"),
        ([], "RICH_MESSAGE_CONTENT_REQUIRED"),
    ],
)
def test_blocks_that_are_none_are_refused(blocks: list[object], reason: str) -> None:
    assert refusal(blocks=blocks) == f"Bad Request: {reason}"


def test_thinking_is_for_drafts() -> None:
    thinking = {"type": "thinking", "text": "Looking it up"}

    assert refusal(blocks=[thinking]) == "Bad Request: RICH_MESSAGE_THINKING_NOT_ALLOWED"
    assert made(is_draft=True, blocks=[thinking]) == [thinking]
    assert made(is_draft=True, markdown="<tg-thinking>Hm</tg-thinking>") == [{"type": "thinking", "text": "Hm"}]
