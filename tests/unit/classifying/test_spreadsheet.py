import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.classifying.spreadsheet import Listing, Unreadable, lines_of, table, texts_in

LETTERS = (
    "Где моя посылка? Жду уже вторую неделю.\r\n"
    "Спасибо, всё отлично!\r\n"
    "Деньги списали дважды — верните, пожалуйста.\r\n"
)
LINES = tuple(LETTERS.split("\r\n")[:-1])


def texts(data: bytes, *, is_table: bool = False) -> tuple[str, ...] | Unreadable:
    found = texts_in(data, is_table=is_table)
    return found if isinstance(found, Unreadable) else found.texts


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("is_table", [False, True])
def test_a_file_is_read_in_whatever_encoding_it_is(encoding: str, *, is_table: bool) -> None:
    assert texts(LETTERS.replace(",", "").encode(encoding), is_table=is_table) == tuple(
        line.replace(",", "") for line in LINES
    )


@pytest.mark.parametrize(
    "text", ["ПРИВЕТ ВСЕМ, КТО ЧИТАЕТ ЭТО ГРОМКО", "Де мій пакунок? Їду в Київ", "ok — «да»", "№ 5", "Ё"]
)
def test_cp1251_is_told_by_what_makes_sense_in_it(text: str) -> None:
    assert texts(text.encode("cp1251")) == (text,)


@pytest.mark.parametrize(
    "data",
    [
        LETTERS.encode("koi8-r", "replace"),
        LETTERS.encode("cp866", "replace"),
        "Le café était fermé, hélas, à côté de l'hôtel".encode("cp1252"),
        "Größe und Länge sind öfter ungenau".encode("cp1252"),
        "配達はいつですか。よろしくお願いします。".encode("shift-jis"),
        b"caf\x98",
    ],
    ids=["koi8-r", "cp866", "french", "german", "japanese", "nothing that cp1251 knows"],
)
def test_an_encoding_that_would_be_a_gamble_is_told(data: bytes) -> None:
    assert texts_in(data, is_table=False) is Unreadable.ODD_ENCODING


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n\x00\x01\x02\xff\xfe binary",
        b"PK\x03\x04\x14\x00\x06\x00" + bytes(range(256)),
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        bytes(64),
        bytes(range(256)) * 20,
        b"\xff\xfe\x00\xd8\x00\xd8",
        b"plain\x07text",
    ],
    ids=["pdf", "zip", "png", "zeros", "all bytes", "half pairs", "bell"],
)
def test_what_is_no_text_is_told(data: bytes) -> None:
    assert texts_in(data, is_table=False) is Unreadable.NOT_TEXT


@pytest.mark.parametrize("is_table", [False, True])
@pytest.mark.parametrize("data", [b"", b" \n\t\r\n ", "\ufeff".encode(), "\ufeff\n".encode("utf-16-le")])
def test_a_file_without_a_word_is_empty(data: bytes, *, is_table: bool) -> None:
    assert texts_in(data, is_table=is_table) is Unreadable.EMPTY


def test_a_table_with_nothing_but_titles_is_empty() -> None:
    assert texts_in(b"id;text\n", is_table=True) is Unreadable.EMPTY


def test_lines_end_in_every_way_and_blank_ones_do_not_count() -> None:
    assert lines_of(" one\r\ntwo \rthree\n\n \t\nfour\u2028still four") == (
        "one",
        "two",
        "three",
        "four\u2028still four",
    )


@pytest.mark.parametrize(
    ("content", "listing"),
    [
        ("id,text\n1,one\n2,two\n", Listing(("one", "two"), ",")),
        ("id;Текст;date\n1;один;май\n2;два, три;июнь\n", Listing(("один", "два, три"), ";")),
        ("Text\tid\none\t1\ntwo\t2\n", Listing(("one", "two"), "\t")),
        ("id| TEXT \n1|one\n", Listing(("one",), "|")),
        ("text\nGood, but dear\nBad\n", Listing(("Good, but dear", "Bad"))),
        ("one;1\ntwo;2\n", Listing(("one", "two"), ";")),
        ("Good, but dear\nBad, and slow\n", Listing(("Good, but dear", "Bad, and slow"))),
        ("Good; but dear\nBad; and slow\n", Listing(("Good; but dear", "Bad; and slow"))),
        ("Good,but dear\nBad\n", Listing(("Good,but dear", "Bad"))),
        ('text,id\n"one\ntwo, three",1\n"say ""hi""",2\n', Listing(("one\ntwo, three", 'say "hi"'), ",")),
        ('"one\ntwo"\n"three"\n', Listing(("one\ntwo", "three"))),
        ("id,text\n1,\n2\n3,three\n", Listing(("three",), ",")),
        ("\n\nid,text\n\n1,one\n\n", Listing(("one",), ",")),
        ('say "hi"\n', Listing(('say "hi"',))),
    ],
)
def test_a_table_is_parted_as_it_looks(content: str, listing: Listing) -> None:
    assert texts_in(content.encode(), is_table=True) == listing


def test_a_quote_that_nobody_closes_costs_no_more_than_the_table() -> None:
    content = 'text\n"' + "word\n" * 40_000

    found = texts(content.encode(), is_table=True)

    assert isinstance(found, tuple)
    assert len(found) == 40_001


def test_a_table_with_an_endless_line_is_a_list_of_lines() -> None:
    content = "x" * 200_000 + ";y\nGood\n"

    assert texts(content.encode(), is_table=True) == (content.splitlines()[0], "Good")


def test_a_list_is_not_parted() -> None:
    assert texts(b"one;two\nthree;four") == ("one;two", "three;four")


def test_the_table_that_comes_back_opens_in_excel() -> None:
    written = table(("text", "label"), [('да; «нет», "или"\nещё', "а")], ";").encode()

    assert written.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in written
    rows = list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows == [["text", "label"], ['да; «нет», "или"\nещё', "а"]]


@given(data=st.binary(max_size=300), is_table=st.booleans())
def test_whatever_a_file_holds_there_are_texts_or_a_reason(data: bytes, *, is_table: bool) -> None:
    found = texts_in(data, is_table=is_table)

    assert isinstance(found, Unreadable) or (found.texts and all(map(str.strip, found.texts)))


SENTENCES = st.text(st.sampled_from("абвгдежзиклмнопрст abc,;.!?-"), min_size=1, max_size=40).map(str.strip)


@given(
    st.lists(SENTENCES.filter(bool), min_size=1, max_size=20), st.sampled_from(["utf-8", "utf-16", "utf-8-sig"])
)
def test_texts_survive_being_written_and_read(sentences: list[str], encoding: str) -> None:
    written = table(("text", "n"), [(text, "1") for text in sentences], ",").removeprefix("\ufeff")

    assert texts(written.encode(encoding), is_table=True) == tuple(sentences)
    assert texts("\n".join(sentences).encode(encoding)) == tuple(sentences)
