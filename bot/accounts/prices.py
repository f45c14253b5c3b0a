"""What a call to the service costs, by the prices in the list of models.

Source: https://yandex.cloud/en/docs/ai-studio/pricing (what is counted; the prices are the operator's data).
"""

from bot.types import Expense, Price, Work

_PRICED_TOKENS = 1000


def cost_rub(expense: Expense) -> float:
    """Return the price of an expense in roubles; 0 if the list does not know what the model costs."""
    price, usage = expense.model.price, expense.usage
    match expense.work:
        case Work.TEXT:
            return _of_tokens(expense, price.input_rub, price.output_rub)
        case Work.TEXT_LATER:
            return _of_tokens(expense, price.async_input_rub, price.async_output_rub)
        case Work.IMAGE:
            return expense.requests * price.request_rub
        case Work.CLASSIFICATION:
            return expense.requests * _units(usage.input_tokens, price) * price.request_rub


def _of_tokens(expense: Expense, input_rub: float, output_rub: float) -> float:
    usage = expense.usage
    return (usage.input_tokens * input_rub + usage.completion_tokens * output_rub) / _PRICED_TOKENS


def _units(tokens: int, price: Price) -> int:
    """Return how many requests a text counts as: a long one several, begun ones as whole."""
    if price.request_tokens == 0:
        return 1
    return max(1, -(-tokens // price.request_tokens))
