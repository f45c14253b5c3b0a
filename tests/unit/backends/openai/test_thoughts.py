import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.backends.openai.thoughts import Sieve


def sifted(*parts: str) -> tuple[str, str]:
    """The answer and the thoughts of what came in these parts."""
    sieve = Sieve()
    told = [*map(sieve.sift, parts), sieve.rest()]
    return "".join(answer for answer, _ in told), "".join(thought for _, thought in told)


@pytest.mark.parametrize(
    ("whole", "answer", "thought"),
    [
        ("", "", ""),
        ("Hello", "Hello", ""),
        ("<think>Hm.</think>\n\nHello", "Hello", "Hm."),
        ("\n <think>\nHm.\n</think>Hello", "Hello", "\nHm.\n"),
        ("<think></think>Hello", "Hello", ""),
        ("<think>Is 2 < 3? </thin> no.</think>Hello </think>", "Hello </think>", "Is 2 < 3? </thin> no."),
        ("Use <think> and </think>.", "Use <think> and </think>.", ""),
        ("<thinking>Hello", "<thinking>Hello", ""),
        ("<thi", "<thi", ""),
        ("  \n", "  \n", ""),
        ("<think>never ends </th", "", "never ends </th"),
    ],
)
def test_only_a_mark_at_the_very_beginning_opens_thoughts(whole: str, answer: str, thought: str) -> None:
    assert sifted(whole) == (answer, thought)
    assert sifted(*whole) == (answer, thought)


@given(st.lists(st.sampled_from(["<think>", "</think>", "<", "think>", "</", "a", " ", "\n"])), st.data())
def test_however_an_answer_is_cut_it_is_told_alike(parts: list[str], data: st.DataObject) -> None:
    whole = "".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=10)))

    cut = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]

    assert sifted(*cut) == sifted(whole)


def test_no_more_than_a_mark_is_held_back() -> None:
    sieve = Sieve()

    assert sieve.sift("<think>Hm. </thi") == ("", "Hm. ")
    assert sieve.sift("s is it.") == ("", "</this is it.")
    assert sieve.sift("</think> Hello <") == ("Hello <", "")
