"""What holds for every document and every moment of its growth."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.replies.entities import Rendered
from bot.replies.markup import Renderer, render
from bot.replies.split import split
from tests.tools.markdown_samples import DOCUMENTS
from tests.tools.telegram_judge import assert_accepted, shown

pytestmark = pytest.mark.exhaustive


def _prefixes(document: str, data: st.DataObject) -> list[str]:
    cuts = data.draw(st.lists(st.integers(0, len(document)), max_size=12, unique=True).map(sorted))
    return [*(document[:cut] for cut in cuts), document]


@settings(max_examples=300, deadline=None)
@given(DOCUMENTS, st.data())
def test_telegram_accepts_every_prefix_as_it_is(document: str, data: st.DataObject) -> None:
    for prefix in _prefixes(document, data):
        for is_final in (True, False):
            for part in split(render(prefix, is_final=is_final)):
                assert_accepted(part)


@settings(max_examples=300, deadline=None)
@given(DOCUMENTS, st.data())
def test_growing_ends_as_rendering_at_once(document: str, data: st.DataObject) -> None:
    renderer = Renderer()

    for prefix in _prefixes(document, data):
        assert renderer.render(prefix, is_final=False) == render(prefix, is_final=False)
        assert renderer.render(prefix) == render(prefix)


@settings(max_examples=100, deadline=None)
@given(st.lists(DOCUMENTS, max_size=3))
def test_a_revised_text_is_rendered_as_if_it_were_new(documents: list[str]) -> None:
    renderer = Renderer()

    for document in documents:
        assert renderer.render(document) == render(document)


@settings(max_examples=100, deadline=None)
@given(DOCUMENTS)
def test_no_letter_is_lost(document: str) -> None:
    letters = [char for char in document if char.isalpha() and ord(char) > 0x400]

    text = render(document).text

    assert [char for char in text if char.isalpha() and ord(char) > 0x400] == letters


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_any_text_at_all_is_accepted(source: str) -> None:
    for part in split(render(source), 64):
        assert shown(part).text == part.text


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("абвгд", min_size=1, max_size=8), min_size=1), st.data())
def test_plain_words_come_out_as_they_went_in(words: list[str], data: st.DataObject) -> None:
    gaps = st.sampled_from([" ", "  ", "\n", "\n\n", ", ", ". "])
    text = "".join(word + data.draw(gaps) for word in words).strip()

    assert render(text) == Rendered(text)
