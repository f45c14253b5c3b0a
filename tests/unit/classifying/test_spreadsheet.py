import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.classifying import Listing, Unreadable, lines_of, texts_in
from bot.classifying.spreadsheet import table

RUSSIAN = "Где моя посылка?\nСпасибо, всё отлично, приду ещё\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_is_read_in_whatever_encoding_it_is_likely_to_have(encoding: str) -> None:
    assert texts_in(RUSSIAN.encode(encoding), is_table=False) == Listing(lines_of(RUSSIAN))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", Unreadable.EMPTY),
        (b" \n\t\n", Unreadable.EMPTY),
        (b"\x00\x01\x02" * 9, Unreadable.NOT_TEXT),
        (bytes(range(256)), Unreadable.NOT_TEXT),
        (RUSSIAN.encode("koi8-r"), Unreadable.ODD_ENCODING),
        ("Grüße aus Köln, äöü ßß éèê".encode("latin-1"), Unreadable.ODD_ENCODING),
        (b"\xff\xfeabc", Unreadable.ODD_ENCODING),
    ],
)
def test_what_cannot_be_read_is_told_apart(data: bytes, why: Unreadable) -> None:
    assert texts_in(data, is_table=False) is why


@pytest.mark.parametrize(
    ("content", "texts", "delimiter"),
    [
        ("text\none\ntwo\n", ("one", "two"), ""),
        ("id;Текст\n1;раз\n2;два\n", ("раз", "два"), ";"),
        ("one,1\ntwo,2\n", ("one", "two"), ","),
        ("one\t1\ntwo\t2\n", ("one", "two"), "\t"),
        ('text,id\n"one, and more",1\n', ("one, and more",), ","),
        ("Hello, world\nGood, bye\n", ("Hello, world", "Good, bye"), ""),
        ("a;b\nc\n", ("a;b", "c"), ""),
        ('he said "no\nand left\n', ('he said "no', "and left"), ""),
        ("id,text\n1\n2,two\n", ("two",), ","),
    ],
)
def test_the_column_with_the_texts_is_found(content: str, texts: tuple[str, ...], delimiter: str) -> None:
    assert texts_in(content.encode(), is_table=True) == Listing(texts, delimiter)


def test_a_table_begins_with_the_mark_by_which_excel_knows_its_encoding() -> None:
    assert table(("a", "б"), [["1", "x;y"]], ";") == '\ufeffa;б\r\n1;"x;y"\r\n'


@given(st.binary(max_size=300), st.booleans())
def test_no_file_breaks_the_reading(data: bytes, is_table: bool) -> None:  # noqa: FBT001 - drawn
    found = texts_in(data, is_table=is_table)

    assert isinstance(found, Unreadable) or all(text.strip() == text for text in found.texts)
