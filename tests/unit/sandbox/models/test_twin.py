import pytest

from bot.sandbox.models.faults import Filter, Refuse
from bot.sandbox.models.rules import Rate, Rules, Unacceptable
from bot.sandbox.models.twin import ModelsTwin, RecordedRequest
from tests.tools.clock import FakeClock


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


def test_a_fault_can_be_aimed_at_a_method_or_a_model_or_both() -> None:
    twin = ModelsTwin()
    twin.fail_next(Refuse(1), method="operations")
    twin.fail_next(Refuse(2), model="yandexgpt")
    twin.fail_next(Refuse(3), method="completionAsync", model="yandexgpt-5.1/latest")
    twin.fail_next(Refuse(4))
    uri = "gpt://folder/yandexgpt-5.1/latest"

    met = [
        twin.next_fault("completionAsync", "gpt://folder/yandexgpt-5.1"),
        twin.next_fault("completionAsync", uri),
        twin.next_fault("completionAsync", uri),
        twin.next_fault("chat/completions", "gpt://folder/yandexgpt/rc"),
        twin.next_fault("chat/completions", uri),
        twin.next_fault("operations"),
    ]

    assert met == [None, Refuse(3), None, Refuse(2), Refuse(4), Refuse(1)]


def test_a_model_may_fail_until_all_is_well_again() -> None:
    twin = ModelsTwin()
    uri = "gpt://folder/yandexgpt/latest"
    twin.fail_always(Refuse(503), model=uri)

    met = [twin.next_fault("completion", uri) for _ in range(3)]
    other = twin.next_fault("completion", "gpt://folder/aliceai-llm")
    twin.recover()

    assert (met, other) == ([Refuse(503)] * 3, None)
    assert twin.next_fault("completion", uri) is None


def test_a_rate_counts_what_passed_in_its_time() -> None:
    clock = FakeClock(0.0)
    rate = Rate(frozenset({"tokenize"}), 2, 10.0, "tokens")
    twin = ModelsTwin(rules=Rules(rates=(rate,)), clock=clock)

    twin.check_rates("tokenize")
    clock.advance(9)
    twin.check_rates("tokenize")
    twin.check_rates("completion")
    with pytest.raises(Unacceptable, match="tokens rate quota limit exceed: allowed 2 requests"):
        twin.check_rates("tokenize")
    clock.advance(1)
    twin.check_rates("tokenize")

    assert twin.refused_by_quota == {"tokenize": 1}


def test_of_large_requests_fewer_are_remembered() -> None:
    twin, megabytes = ModelsTwin(), bytes(100 << 20)

    for number in range(4):
        twin.record(RecordedRequest("chat/completions", {}, megabytes, number, 0.0))

    assert [request.body for request in twin.requests] == [2, 3]
