import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.telegram.detection import found_entities
from bot.sandbox.telegram.entities import QUOTES, STYLES, Entity, Kind, check_ranges, parsed_entities
from bot.sandbox.telegram.formatted import FormattedText, kept_text
from bot.sandbox.telegram.nesting import nested
from bot.sandbox.telegram.refusals import Refusal
from tests.unit.sandbox.telegram import tdlib

_GIVEN = sorted(STYLES | QUOTES | {Kind.CODE, Kind.PRE})
entities = st.builds(Entity, st.integers(0, 12), st.integers(1, 12), st.sampled_from(_GIVEN), st.just(()))


def refusal(text: str, given: list[Entity]) -> str:
    """Return what is said against these entities, in TDLib's spelling; empty: nothing."""
    try:
        check_ranges(text, nested(given))
    except Refusal as refused:
        reason = refused.description.removeprefix("Bad Request: ")
        return reason[:1].upper() + reason[1:]
    return ""


@given(st.text("ab😀я", min_size=1, max_size=12), st.lists(entities, max_size=6))
def test_ranges_are_refused_in_the_words_of_tdlib(text: str, given: list[Entity]) -> None:
    verdict = tdlib.judged(text, given)

    assert refusal(text, given) == (verdict if isinstance(verdict, str) else "")


@given(st.lists(entities, max_size=8))
def test_overlaps_are_resolved_as_tdlib_resolves_them(given: list[Entity]) -> None:
    text = "x" * 24

    verdict = tdlib.judged(text, given)

    assert not isinstance(verdict, str)
    assert nested(given) == verdict[1]


@given(st.lists(entities, max_size=8))
def test_nesting_again_changes_nothing(given: list[Entity]) -> None:
    once = nested(given)

    assert nested(once) == once


@given(st.text("ab \n\r\t\u2028\u202e\u0333😀", max_size=20))
def test_text_is_cleaned_as_tdlib_cleans_it(text: str) -> None:
    verdict = tdlib.judged(text, [])

    assert not isinstance(verdict, str)
    assert kept_text(FormattedText(text)).text == verdict[0].strip(" \n")


@pytest.mark.parametrize(
    "text",
    [
        "/start", "/start@govorun_bot go", "a/start", "(/start)", "//start", "/start/", "/st-art", "/привет",
        "/start@ab", "@gov", "@abc", "mail@govorun_bot", " @govorun_bot, hi", "@@govorun_bot", "@govorun_bot@x",
        "/" + "a" * 65, "@" + "a" * 33, "https://ya.ru/@govorun_bot #a",
        "#tag #1 #привет", "$USD $usd $1INCH", "a@b.ru", "https://ya.ru/x.",
        "see https://пример.рф/путь?a=b#c!", "ftp://x.ru", "привет@govorun_bot", "😀 /help @govorun_bot",
        "http://localhost:80/x", "(https://ya.ru/a)", "x#tag", "\n/start\n#a_b", "$USDT,",
        "a.b_c@mail.example.com",
    ],
)  # fmt: skip
def test_finds_what_tdlib_finds(text: str) -> None:
    assert found_entities(text) == tdlib.found(text)


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (5, "expected an Object"),
        ({"offset": 0, "length": 1}, 'Can\'t find field "type"'),
        ({"offset": 0, "length": 1, "type": ""}, "Type is not specified"),
        ({"offset": 0, "length": 1, "type": "loud"}, "Unsupported type specified"),
        ({"length": 1, "type": "bold"}, 'Can\'t find field "offset"'),
        ({"offset": "x", "length": 1, "type": "bold"}, 'Field "offset" must be of type Number'),
        ({"offset": 0, "length": 1, "type": "text_link"}, 'Can\'t find field "url"'),
        ({"offset": 0, "length": 1, "type": "custom_emoji"}, 'Can\'t find field "custom_emoji_id"'),
    ],
)
def test_an_unreadable_entity_is_refused(item: object, reason: str) -> None:
    with pytest.raises(Refusal, match="can't parse MessageEntity") as refused:
        parsed_entities([item])

    assert refused.value.description == f"Bad Request: can't parse MessageEntity: {reason}"


@pytest.mark.parametrize(("offset", "length", "what"), [(-1, 1, "offset -1"), (0, 1_000_001, "length 1000001")])
def test_absurd_numbers_are_refused(offset: int, length: int, what: str) -> None:
    with pytest.raises(Refusal, match=f"receive an entity with incorrect {what}"):
        parsed_entities([{"offset": offset, "length": length, "type": "bold"}])


def test_what_telegram_finds_itself_is_not_taken_from_a_bot() -> None:
    given = [{"offset": 0, "length": 3, "type": kind} for kind in ("url", "bot_command", "bank_card_number")]

    assert parsed_entities(given) == []


def test_details_of_entities_are_kept() -> None:
    given = [
        {"type": "pre", "offset": 0, "length": 2, "language": "python"},
        {"type": "pre", "offset": 2, "length": 2},
        {"type": "text_link", "offset": 4, "length": 2, "url": "ya.ru"},
        {"type": "text_mention", "offset": 6, "length": 2, "user": {"id": 7}},
        {"type": "custom_emoji", "offset": 8, "length": 2, "custom_emoji_id": "5"},
        {"type": "date_time", "offset": 10, "length": 2, "unix_time": 5},
    ]

    shown = [entity.as_dict() for entity in parsed_entities(given)]

    assert shown == [*given[:2], {**given[2], "url": "http://ya.ru/"}, *given[3:]]


@pytest.mark.parametrize("raw", [None, {}, "bold", 5])
def test_entities_that_are_no_list_mean_none(raw: object) -> None:
    assert parsed_entities(raw) == []
