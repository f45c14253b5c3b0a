import pytest
from redis.exceptions import BusyLoadingError, DataError, OutOfMemoryError, ReadOnlyError, ResponseError
from redis.exceptions import ConnectionError as NoConnection
from structlog.testing import capture_logs

from bot.redis_client.episode import Episode
from tests.tools.clock import FakeClock


def test_an_episode_is_told_at_its_beginning_and_at_its_end() -> None:
    clock = FakeClock()
    episode = Episode(clock)
    with capture_logs() as told:
        for error in (NoConnection("refused"), BusyLoadingError("loading"), ReadOnlyError("replica")) * 100:
            episode.failed(error)
        clock.advance(5)
        for _ in range(100):
            episode.succeeded()

    assert told == [
        {
            "event": "redis is in trouble",
            "why": "Redis does not answer (ConnectionError: refused)",
            "log_level": "error",
        },
        {"event": "redis is well again", "after_s": 5.0, "log_level": "info"},
    ]


def test_another_kind_of_trouble_is_told_too() -> None:
    episode = Episode(FakeClock())
    with capture_logs() as told:
        episode.failed(NoConnection("refused"))
        episode.failed(OutOfMemoryError("full"))

    assert [line["why"].partition(" (")[0] for line in told] == [
        "Redis does not answer",
        "Redis is full: raise its maxmemory, or delete what else is in it",
    ]


def stumbles(episode: Episode, clock: FakeClock, error: Exception, pause_s: float) -> None:
    """Let one call fail and the next one work, again and again."""
    for _ in range(10):
        episode.failed(error)
        clock.advance(pause_s)
        episode.succeeded()
        assert episode.trouble


def test_a_server_that_answers_some_calls_is_not_well() -> None:
    clock = FakeClock()
    episode = Episode(clock)
    with capture_logs() as told:
        stumbles(episode, clock, OutOfMemoryError("full"), pause_s=20)
        clock.advance(20)
        episode.succeeded()

    assert [line["event"] for line in told] == ["redis is in trouble", "redis is well again"]
    assert not episode.trouble


def test_one_answer_among_failures_is_no_end() -> None:
    clock = FakeClock()
    episode = Episode(clock)
    with capture_logs() as told:
        stumbles(episode, clock, NoConnection("timeout"), pause_s=0.5)

    assert len(told) == 1


def test_a_mistake_of_ours_is_no_trouble() -> None:
    episode = Episode()
    with capture_logs() as told:
        episode.failed(DataError("a list is no argument"))

    assert told == []
    assert not episode.trouble


@pytest.mark.parametrize(
    "answer",
    [
        "BUSYGROUP Consumer Group name already exists",
        "NOGROUP No such key '{govorun:42}:ready' or consumer group",
    ],
)
def test_what_the_inbox_asks_to_learn_is_no_trouble(answer: str) -> None:
    episode = Episode(FakeClock())
    with capture_logs() as told:
        episode.failed(ResponseError(answer))

    assert (told, episode.trouble) == ([], "")
