import asyncio
import math
import random

import pytest

from tests.chaos.chats import Message
from tests.chaos.crowd import Crowd, Verdict
from tests.chaos.kills import covered_s
from tests.chaos.model import ChaosModel
from tests.chaos.telegram import ChaosTelegram

FIRST, SECOND = "q0w0 q0w1", "q1w0 q1w1"


async def judged(*texts: str, is_growing: bool = False) -> Verdict:
    """Let one person ask twice for two words, and read these messages."""
    telegram = ChaosTelegram()
    crowd = Crowd(telegram, ChaosModel(telegram.chats), random.Random(1))  # noqa: S311 - no secret
    for _ in range(2):
        crowd.ask(7, 2)
    shown = telegram.chats.by_id[7].messages
    for number, text in enumerate(texts):
        shown[100 + number] = Message(text, "", '{"callback_data":"stop:1"}' if is_growing else "")
    await asyncio.sleep(0)
    return crowd.verdict()


@pytest.mark.parametrize(
    ("texts", "fault"),
    [
        ((FIRST, SECOND), {}),
        ((FIRST,), {"lost": 1}),
        ((FIRST, "q1w0"), {"unfinished": 1}),
        ((FIRST, FIRST, SECOND), {"doubled": 1}),
        ((SECOND, FIRST), {"disordered": 1}),
        (("q0w1 q0w0", SECOND), {"disordered": 1}),
        ((FIRST, SECOND, "Something broke."), {"foreign": 1}),
    ],
)
async def test_every_fault_is_seen_for_what_it_is(texts: tuple[str, ...], fault: dict[str, int]) -> None:
    assert await judged(*texts) == Verdict(asked=2, **fault)


async def test_an_answer_that_grows_for_ever_is_unfinished() -> None:
    assert (await judged(FIRST, SECOND, is_growing=True)).unfinished == 2


@pytest.mark.parametrize(
    ("spans", "covered"),
    [
        ([], 0),
        ([(0, 20)], 5),
        ([(0, 11), (12, math.inf)], 4),
        ([(0, 13), (11, 12), (14, 15)], 4),
        ([(15, 20), (0, 10)], 0),
    ],
)
def test_time_in_which_anybody_lived_counts_once(spans: list[tuple[float, float]], covered: float) -> None:
    assert covered_s(spans, 10, 15) == covered
