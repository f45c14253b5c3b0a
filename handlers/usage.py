"""/usage: what has been spent, in roubles and tokens: people see their own, owners everybody's.

In a group everybody reads along, so owners see no more than their own there.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from aiogram import Router
from aiogram.types import Message

from bot.accounts import Entry, RedisAccounts
from bot.ports import Notices
from bot.promptbook import PromptBook
from bot.texts.phrases import UsageWords
from bot.updates.filters import command
from bot.updates.introductions import Visit

_DAYS = (1, 7, 30)
_MOST_LINES = 10
"""Of a list; the rest is summed up."""
_LEAST_RUB = 0.005


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.message.register(tell, command("usage"))
    return router


async def tell(
    _message: Message, visit: Visit, accounts: RedisAccounts, prompt_book: PromptBook, notices: Notices
) -> None:
    """Tell what was spent today, in a week and in a month, and the month in detail."""
    is_everybody = visit.is_owner and not visit.place.is_group
    person_id = None if is_everybody else visit.person.user_id
    periods = [await accounts.spent(days, person_id) for days in _DAYS]
    names = await accounts.names({entry.person_id for entry in periods[-1]})
    report = Report(visit.phrases.usage, visit.person.language, prompt_book, names)
    await notices.say(visit.place, report.text(periods, is_everybody=is_everybody))


@dataclass(frozen=True, slots=True)
class Report:
    """What is told of the accounts, in one language."""

    words: UsageWords
    language: str
    prompts: PromptBook
    names: dict[int, str]

    def text(self, periods: Sequence[Sequence[Entry]], *, is_everybody: bool) -> str:
        """Return it as plain text; the last period is told in detail."""
        if not periods[-1]:
            return self.words.nothing
        return "\n".join(self._lines(periods, is_everybody=is_everybody))

    def _lines(self, periods: Sequence[Sequence[Entry]], *, is_everybody: bool) -> Iterator[str]:
        words, month = self.words, periods[-1]
        yield words.everybody if is_everybody else words.yours
        for days, entries in zip(_DAYS, periods, strict=True):
            name = words.today if days == 1 else words.days.format(days=days)
            yield f"{name}: {self._sums(entries)}"
        yield from self._list(words.by_model, month, lambda entry: entry.model, self._model)
        yield from self._list(words.by_prompt, month, lambda entry: entry.prompt, self._prompt)
        if is_everybody:
            yield from self._list(words.by_person, month, lambda entry: entry.person_id, self._person)
        if any(entry.rub == 0 for entry in month):
            yield f"\n{words.free}"

    def _list(
        self,
        title: str,
        entries: Iterable[Entry],
        key: Callable[[Entry], Hashable],
        name: Callable[[Entry], str],
    ) -> Iterator[str]:
        """Yield a line for each of the dearest, and one for all the others; namesakes are told apart."""
        groups: dict[Hashable, list[Entry]] = defaultdict(list)
        for entry in entries:
            groups[key(entry)].append(entry)
        bearers = Counter(name(group[0]) for group in groups.values())
        ranked = sorted(groups.items(), key=lambda group: -sum(entry.rub for entry in group[1]))
        yield f"\n{title}"
        for known_as, group in ranked[:_MOST_LINES]:
            called = name(group[0])
            shown = called if bearers[called] == 1 else f"{called} ({known_as})"
            yield f"• {shown}: {self._sums(group)}"
        if others := [entry for _, group in ranked[_MOST_LINES:] for entry in group]:
            yield f"• {self.words.others}: {self._sums(others)}"

    def _model(self, entry: Entry) -> str:
        spec = self.prompts.catalogue.find(entry.model)
        return spec.title.get(self.language, spec.name) if spec and spec.title else entry.model

    def _prompt(self, entry: Entry) -> str:
        known = entry.prompt in self.prompts.names
        return self.prompts.get(entry.prompt).title_for(self.language) if known else entry.prompt

    def _person(self, entry: Entry) -> str:
        return self.names.get(entry.person_id) or str(entry.person_id)

    def _sums(self, entries: Iterable[Entry]) -> str:
        entries = list(entries)
        tokens = sum(entry.input_tokens + entry.output_tokens for entry in entries)
        form = self.words.sums if tokens else self.words.without_tokens
        return form.format(
            rub=self._rub(sum(entry.rub for entry in entries)),
            requests=_grouped(sum(entry.requests for entry in entries)),
            tokens=_grouped(tokens),
        )

    def _rub(self, rub: float) -> str:
        """Return an amount with kopecks; what is less than one, but more than nothing, is told as such."""
        shown = "<0.01" if 0 < rub < _LEAST_RUB else f"{rub:,.2f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
        return shown.replace(".", ",") if self.language == "ru" else shown


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
