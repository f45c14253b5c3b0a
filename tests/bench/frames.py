"""What a frame costs against the length of the answer: composing a hundred characters more, nothing else."""

import time

from bot.replies.composer import EntityComposer
from tests.bench.model import answer
from tests.bench.table import Row

_LENGTHS = (1_000, 4_000, 16_000, 32_000)
_STEP, _FRAMES = 100, 20


def rows() -> list[Row]:
    """Measure around each length; the ideal is the cost at the shortest."""
    costs = [cost_us(length) for length in _LENGTHS]
    return [
        Row(f"a frame of {_STEP} new characters at {length:,}", cost, costs[0], "us", "flat")
        for length, cost in zip(_LENGTHS, costs, strict=True)
    ]


def cost_us(length: int) -> float:
    """Return the processor time of one frame, in microseconds."""
    composer, text = EntityComposer(), answer(6_000)
    for end in range(_STEP, length, _STEP):
        composer.compose(text[:end], is_final=False)
    began_s = time.process_time()
    for end in range(length, length + _FRAMES * _STEP, _STEP):
        composer.compose(text[:end], is_final=False)
    return (time.process_time() - began_s) / _FRAMES * 1e6
