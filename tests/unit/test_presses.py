import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.presses import SHOWING, Act, Press, Showing, draft_id, pattern, tag_of, tag_of_draft

TAGS = st.text().map(tag_of)


@given(st.sampled_from(Act), st.integers(-(2**63) + 1, 2**63 - 1), TAGS)
def test_what_a_button_sends_is_read_back_and_fits(act: Act, asker_id: int, tag: int) -> None:
    press = Press(act, asker_id, tag)

    match = re.fullmatch(pattern(*Act), press.data)

    assert match is not None
    assert Press.of(match) == press
    assert len(press.data.encode()) <= 64


@given(TAGS, st.text("abcxyz019_-", min_size=1, max_size=32))
def test_so_is_what_a_button_sends_that_shows_a_picture_to_a_prompt(tag: int, prompt: str) -> None:
    showing = Showing(tag, prompt)

    match = re.fullmatch(SHOWING, showing.data)

    assert match is not None
    assert Showing.of(match) == showing
    assert len(showing.data.encode()) <= 64


@pytest.mark.parametrize(
    "data", ["stop:5", "stop::1f", "stop:5:xyz", "stop:5:123456789", "again:5:1f", "stop:5:1f "]
)
def test_other_data_is_no_press_of_stop(data: str) -> None:
    assert re.fullmatch(pattern(Act.STOP), data) is None


@given(st.text())
def test_a_tag_is_positive_small_and_always_the_same(reply_id: str) -> None:
    assert 1 <= tag_of(reply_id) < 2**31
    assert tag_of(reply_id) == tag_of(reply_id)


@given(TAGS, st.integers(0, 255))
def test_a_draft_leads_to_its_reply_and_is_never_zero(tag: int, part: int) -> None:
    draft = draft_id(tag, part)

    assert 0 < draft < 2**63
    assert tag_of_draft(draft) == tag


@given(TAGS)
def test_the_parts_of_a_reply_have_drafts_of_their_own(tag: int) -> None:
    assert len({draft_id(tag, part) for part in range(256)}) == 256
