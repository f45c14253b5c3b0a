import pytest

from bot.accounts import cost_rub
from bot.types import Expense, ModelChoice, ModelSpec, Person, Price, Usage, Work

LITE = Price(0.2, 0.4, 0.1, 0.3, request_rub=0.1525, request_tokens=250)
ART = Price(request_rub=2.2367)


def expense(price: Price, work: Work, usage: Usage = Usage(), requests: int = 1) -> Expense:  # noqa: B008 - a value
    model = ModelChoice("lite", spec=ModelSpec("lite", "lite", price=price))
    return Expense(Person(1, "Anna", "en"), "assistant", model, work, 0.0, usage, requests)


@pytest.mark.parametrize(
    ("spent", "rub"),
    [
        (expense(LITE, Work.TEXT, Usage(1000, 500)), 0.4),
        (expense(LITE, Work.TEXT_LATER, Usage(1000, 500)), 0.25),
        (expense(LITE, Work.TEXT), 0.0),
        (expense(ART, Work.IMAGE), 2.2367),
        (expense(LITE, Work.CLASSIFICATION), 0.1525),
        (expense(LITE, Work.CLASSIFICATION, Usage(250)), 0.1525),
        (expense(LITE, Work.CLASSIFICATION, Usage(251)), 0.305),
        (expense(ART, Work.CLASSIFICATION, Usage(9000), requests=2), 4.4734),
        (expense(Price(), Work.TEXT, Usage(10**6, 10**6)), 0.0),
    ],
)
def test_each_kind_of_work_is_counted_as_the_service_counts_it(spent: Expense, rub: float) -> None:
    assert cost_rub(spent) == pytest.approx(rub)


def test_a_model_that_no_list_knows_costs_nothing() -> None:
    spent = Expense(Person(1, "Anna", "en"), "p", ModelChoice("llama"), Work.TEXT, 0.0, Usage(1000, 1000))

    assert cost_rub(spent) == 0
