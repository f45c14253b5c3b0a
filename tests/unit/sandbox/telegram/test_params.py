import pytest

from bot.sandbox.telegram.params import Params, Upload
from bot.sandbox.telegram.refusals import Refusal


@pytest.mark.parametrize(
    ("value", "number"), [("5", 5), (6, 6), (" -7 ", -7), ("x", 3), ("", 3), (None, 3), ([5], 3)]
)
def test_numbers_are_read_leniently(value: object, number: int) -> None:
    assert Params({"limit": value}).number("limit", 3) == number


@pytest.mark.parametrize(
    ("value", "is_set"),
    [
        ("true", True),
        ("TRUE", True),
        (True, True),
        ("1", True),
        ("yes", True),
        ("no", False),
        (False, False),
        ("", False),
    ],
)
def test_flags_are_read_leniently(value: object, *, is_set: bool) -> None:
    assert Params({"can_stop": value}).flag("can_stop") is is_set


def test_nested_values_come_as_text_or_as_they_are() -> None:
    assert Params({"scope": '{"type": "default"}'}).nested("scope", "scope") == {"type": "default"}
    assert Params({"scope": {"type": "default"}}).nested("scope", "scope") == {"type": "default"}
    assert Params({"scope": ""}).nested("scope", "scope") is None
    assert Params({}).nested("scope", "scope") is None
    with pytest.raises(Refusal, match="can't parse scope JSON object"):
        Params({"scope": "{"}).nested("scope", "scope")


def test_missing_text_is_empty_and_other_values_are_written_out() -> None:
    assert Params({"text": None}).text("text") == ""
    assert Params({"text": {"я": 1}}).text("text") == '{"я": 1}'


def test_a_file_is_found_by_its_field_or_by_what_is_attached() -> None:
    upload = Upload("a.txt", "text/plain", b"a")

    assert Params({"document": "attach://x"}, {"x": upload}).upload("document") is upload
    assert Params({}, {"document": upload}).upload("document") is upload
    assert Params({"document": "some-id"}).upload("document") is None


def test_only_what_is_no_text_is_decoded_for_the_log() -> None:
    params = Params({"text": "[5]", "chat_id": "5", "limit": "many", "can_stop": "true", "offset": 7})

    assert params.decoded() == {"text": "[5]", "chat_id": 5, "limit": "many", "can_stop": True, "offset": 7}
