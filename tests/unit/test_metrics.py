import asyncio
from dataclasses import replace

import pytest

from bot.errors import StoreError
from bot.metrics import Metrics
from bot.types import Happening, Usage
from bot.updates.backlog import Backlog
from tests.tools.metering import figures
from tests.tools.page_stage import turn_trace

BACKLOG = Backlog(7, 3, 2, 1, 4.5, 9.25, 5)


def told(metrics: Metrics, backlog: Backlog | None = None) -> dict[str, float]:
    return figures(metrics.render(backlog).decode())


def test_every_happening_moves_a_figure_of_its_own() -> None:
    metrics = Metrics()

    for number, happening in enumerate(Happening, 1):
        metrics.count(happening, number)

    counted = [value for name, value in told(metrics).items() if name.startswith("govorun_") and value]
    assert {*range(1, len(Happening) + 1)} <= {*counted}


def test_a_turn_is_told_by_its_outcome_its_times_and_its_tokens() -> None:
    metrics = Metrics()

    metrics.turn_ended(turn_trace(1, usage=Usage(11, 22), first_text_s=0.4, total_s=2.5))

    page = told(metrics)
    assert page["govorun_replies_total{outcome=complete}"] == 1
    assert page["govorun_tokens_total{kind=input,model=yandexgpt/latest}"] == 11
    assert page["govorun_tokens_total{kind=completion,model=yandexgpt/latest}"] == 22
    assert page["govorun_first_text_seconds_bucket{le=0.25}"] == 0
    assert page["govorun_first_text_seconds_bucket{le=0.5}"] == 1
    assert page["govorun_done_seconds_sum"] == 2.5


def test_tokens_are_those_of_the_model_that_wrote() -> None:
    metrics = Metrics()

    metrics.turn_ended(replace(turn_trace(1, usage=Usage(11, 22)), model="yandexgpt-lite"))

    page = told(metrics)
    assert page["govorun_tokens_total{kind=input,model=yandexgpt-lite}"] == 11
    assert "govorun_tokens_total{kind=input,model=yandexgpt/latest}" not in page


def test_the_seconds_in_line_are_told() -> None:
    metrics = Metrics()

    metrics.seated(0.05)
    metrics.seated(7)

    page = told(metrics)
    assert page["govorun_in_line_seconds_bucket{le=0.1}"] == 1
    assert page["govorun_in_line_seconds_bucket{le=10.0}"] == 2
    assert page["govorun_in_line_seconds_sum"] == 7.05


def test_what_is_watched_is_looked_at_when_it_is_asked_for() -> None:
    metrics, seats = Metrics(), [1.0]
    metrics.watch("seats_taken", "Seats.", seats.pop)

    assert told(metrics)["govorun_seats_taken"] == 1


def test_the_times_of_late_answers_are_told_apart() -> None:
    metrics = Metrics()

    metrics.turn_ended(replace(turn_trace(1, total_s=600), is_late=True))

    page = told(metrics)
    assert (page["govorun_late_seconds_sum"], page["govorun_done_seconds_count"]) == (600, 0)


def test_a_turn_without_a_text_has_no_time_to_the_first_one() -> None:
    metrics = Metrics()

    metrics.turn_ended(turn_trace(1, outcome="Overloaded", usage=None, first_text_s=None))

    page = told(metrics)
    assert page["govorun_replies_total{outcome=Overloaded}"] == 1
    assert page["govorun_first_text_seconds_count"] == 0
    assert not [name for name in page if name.startswith("govorun_tokens_total")]


def test_no_label_tells_who_talks_to_the_bot() -> None:
    metrics = Metrics()

    metrics.turn_ended(turn_trace(1))

    inside = [name[:-1].partition("{")[2] for name in told(metrics, BACKLOG) if "{" in name]
    labels = {label.partition("=")[0] for labels in inside for label in labels.split(",")}
    assert labels == {"state", "outcome", "kind", "model", "le"}


def test_what_waits_is_told_beside_what_was_counted() -> None:
    page = told(Metrics(), BACKLOG)

    assert page["govorun_redis_up"] == 1
    assert page["govorun_updates_waiting"] == 7
    assert page["govorun_dead_letters"] == 3
    assert page["govorun_conversations{state=waiting}"] == 2
    assert page["govorun_conversations{state=claimed}"] == 1
    assert page["govorun_oldest_waiting_seconds"] == 4.5
    assert page["govorun_oldest_claimed_seconds"] == 9.25


async def away() -> Backlog:
    raise StoreError("gone")


async def silent() -> Backlog:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.mark.parametrize("look", [away, silent])
async def test_without_redis_the_counts_are_told_and_nothing_is_made_up(
    look: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.metrics._PATIENCE_S", 0.01)
    metrics = Metrics()
    metrics.render(BACKLOG)

    page = figures((await metrics.scraped(look)).decode())  # type: ignore[arg-type]

    assert page["govorun_redis_up"] == 0
    assert "govorun_updates_waiting" not in page
    assert page["govorun_updates_total{state=kept}"] == 0


def test_two_bots_in_one_process_count_apart() -> None:
    one, other = Metrics(), Metrics()

    one.count(Happening.KEPT)

    assert told(other)["govorun_updates_total{state=kept}"] == 0
