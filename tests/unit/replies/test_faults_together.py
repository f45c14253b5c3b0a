"""Storms: any misfortunes at any calls, kills among them, in one answer. What holds always, holds then too."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.telegram.world import Fault
from tests.tools.telling import SCENES, Misfortune, Scene, Telling
from tests.tools.world_stage import Home, WorldStage

pytestmark = pytest.mark.exhaustive

FAULTS = [
    Fault.lost_answer(),
    Fault(delay_s=15, is_answer_lost=True),
    Fault.server_error(),
    Fault.bad_gateway(),
    Fault(delay_s=45, is_dropped=True),
    Fault.drop(),
    Fault.flood(3),
    Fault.flood(20),
]
"""No refusals: one that meets the search for a lost message, for no reason, leaves that message where it is."""


def _adds(fault: Fault) -> Misfortune:
    return lambda stage: stage.world.faults.add(fault)


def _moves(stage: WorldStage) -> None:
    """The topic is closed, or the group becomes a supergroup."""
    if stage.topic_id:
        stage.world.close_topic(stage.chat_id, stage.topic_id)
    elif stage.home is Home.GROUP and stage.home_id == stage.chat_id:
        stage.world.upgrade_to_supergroup(stage.chat_id, -1009)


STORMS = st.dictionaries(st.integers(0, 14), st.sampled_from([*map(_adds, FAULTS), _moves]), max_size=6)
KILLS = st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=3)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SCENES), STORMS, KILLS)
def test_whatever_comes_together_the_answer_is_whole(
    scene: Scene, storm: dict[int, Misfortune], kills: list[tuple[int, bool]]
) -> None:
    stage = WorldStage(scene.home)
    telling = Telling(stage, scene, storm, kills)
    telling.most_attempts = 8

    telling.run()

    telling.assert_quiet()
    telling.assert_whole()
