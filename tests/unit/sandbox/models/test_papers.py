import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.models.papers import ENGLISH_PAPER, RUSSIAN_PAPER, Paper, paper

PAPERS = st.sampled_from([ENGLISH_PAPER, RUSSIAN_PAPER])


@given(st.integers(2, 5_000), PAPERS)
def test_a_paper_has_exactly_the_length_that_was_asked_for(characters: int, words: Paper) -> None:
    text = paper(characters, words)

    assert len(text) == characters
    assert text == text.strip()
    assert text.endswith(".")


@pytest.mark.parametrize("words", [ENGLISH_PAPER, RUSSIAN_PAPER])
def test_every_block_of_it_bears_the_next_number(words: Paper) -> None:
    text = paper(30_000, words)
    plain = re.compile(rf"^(?:##+ {words.section} \((\d+)\)|\*\*(\d+)\.\*\*|(\d+): \[)", re.MULTILINE)

    numbers = [int(next(filter(None, found.groups()))) for found in plain.finditer(text)]

    assert len(numbers) > 50
    assert numbers == sorted(set(numbers))
