import pytest

from bot.sandbox.models.faults import Filter, Refuse
from bot.sandbox.models.rules import Rules, Unacceptable
from bot.sandbox.models.twin import ModelsTwin, RecordedRequest


def test_faults_come_one_a_request_in_order_and_then_no_more() -> None:
    twin = ModelsTwin(faults=[Filter()])
    twin.fail_next(Refuse(503), times=2)

    assert [twin.next_fault() for _ in range(4)] == [Filter(), Refuse(503), Refuse(503), None]


def test_the_first_token_takes_its_own_time() -> None:
    twin = ModelsTwin(first_token_s=0.3, token_s=0.02)

    assert [twin.pause_s(piece) for piece in range(3)] == [0.3, 0.02, 0.02]


def test_the_quota_is_a_gauge_of_what_runs_now() -> None:
    twin = ModelsTwin(rules=Rules(concurrent_generations=1))

    with twin.generation(), pytest.raises(Unacceptable, match="gauge quota limit exceed: allowed 1 requests"):
        twin.generation().__enter__()

    with twin.generation():
        assert twin.open_requests == 1
    assert twin.open_requests == 0


def test_without_a_quota_any_number_runs() -> None:
    twin = ModelsTwin(rules=Rules(concurrent_generations=0))

    with twin.generation(), twin.generation():
        assert twin.open_requests == 2


def test_of_the_requests_the_newest_are_remembered() -> None:
    twin = ModelsTwin()

    for number in range(10_001):
        twin.record(RecordedRequest("completion", {}, b"", number, 0.0))

    assert len(twin.requests) == 10_000
    assert twin.requests[-1].body == 10_000
