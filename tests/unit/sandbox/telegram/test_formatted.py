import pytest

from bot.sandbox.telegram.entities import Entity, Kind
from bot.sandbox.telegram.formatted import FormattedText, given_text, kept_text
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.refusals import Refusal


def kept(text: str, *entities: Entity) -> FormattedText:
    return kept_text(FormattedText(text, entities))


def test_blanks_around_go_and_entities_move() -> None:
    shown = kept("  \n hello  ", Entity(2, 9, Kind.BOLD))

    assert shown == FormattedText("hello", (Entity(0, 5, Kind.BOLD),))


def test_removed_characters_move_entities() -> None:
    shown = kept("a\r\nb\u2028c", Entity(3, 3, Kind.ITALIC))

    assert shown == FormattedText("a\nbc", (Entity(2, 2, Kind.ITALIC),))


def test_tabs_become_one_space() -> None:
    assert kept("a\tb").text == "a b"


def test_an_entity_of_blanks_goes_but_a_link_stays() -> None:
    link = Entity(1, 1, Kind.TEXT_LINK, (("url", "http://ya.ru/"),))

    assert kept("a b", Entity(1, 1, Kind.BOLD)).entities == ()
    assert kept("a b", link).entities == (link,)


def test_an_entity_outside_the_trimmed_text_goes() -> None:
    assert kept("a   ", Entity(2, 1, Kind.TEXT_LINK, (("url", "http://ya.ru/"),))).entities == ()


def test_only_a_hundred_entities_are_kept() -> None:
    shown = kept("ab" * 150, *(Entity(2 * number, 1, Kind.BOLD) for number in range(150)))

    assert len(shown.entities) == 100
    assert shown.entities[-1].offset == 198


def test_found_entities_give_way_to_code() -> None:
    shown = kept("/start /help", Entity(0, 6, Kind.CODE))

    assert shown.entities == (Entity(0, 6, Kind.CODE), Entity(7, 5, Kind.BOT_COMMAND))


def test_a_style_is_cut_at_the_borders_of_a_link_in_it() -> None:
    shown = kept("abcdefghi", Entity(0, 6, Kind.BOLD), Entity(2, 2, Kind.TEXT_LINK))

    assert shown.entities == (
        Entity(0, 2, Kind.BOLD),
        Entity(2, 2, Kind.TEXT_LINK),
        Entity(2, 2, Kind.BOLD),
        Entity(4, 2, Kind.BOLD),
    )


def test_too_many_bytes_are_refused_before_anything_else() -> None:
    with pytest.raises(Refusal, match="Bad Request: text is too long"):
        given_text(Params({"text": "я" * 16_385}))


def test_parse_modes_are_not_spoken_here() -> None:
    with pytest.raises(Refusal, match="Bad Request: unsupported parse_mode"):
        given_text(Params({"text": "<b>a</b>", "parse_mode": "HTML"}))


def test_half_a_symbol_is_no_text() -> None:
    with pytest.raises(Refusal, match="strings must be encoded in UTF-8"):
        given_text(Params({"text": "\ud83d"}))


def test_entities_that_are_no_json_are_ignored() -> None:
    assert given_text(Params({"text": "a", "entities": "[{"})) == FormattedText("a")
