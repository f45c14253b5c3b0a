"""The list of models: what is known of each, found by any of its names.

Prices, names and abilities change without notice, so all of them are in a file of the folder, and a model that
is not in it can be used all the same.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.promptbook.schema import ModelEntry, PriceSection
from bot.types import Ability, Dialect, ModelChoice, ModelSpec, Price, Server

_SCHEME_AND_FOLDER = re.compile(r"^[a-z]+://[^/]+/")
_TUNING = re.compile(r"@.*$")
_NEWEST = "/latest"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All models of the list, in its order."""

    specs: tuple[ModelSpec, ...] = ()
    _by_name: Mapping[str, ModelSpec] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Mapping[str, Mapping[str, Any]]) -> "Catalogue":
        """Return the catalogue of checked entries by name."""
        by_name: dict[str, ModelSpec] = {}
        for name, given in entries.items():
            entry = ModelEntry.model_validate(given)
            spec = _spec(name, entry)
            for alias in (name, *entry.aliases, spec.uri):
                by_name.setdefault(_bare(alias), spec)
        return cls(tuple(dict.fromkeys(by_name.values())), by_name)

    def find(self, name: str) -> ModelSpec | None:
        """Return what is known of a model: by a short name, an alias, or a URI of whatever folder.

        By another name than its own it is asked for by that name. A tuned model is as its base otherwise, save
        that it may pay for its own number of tokens.
        """
        spec = self._by_name.get(_bare(name))
        if spec is None and (base := self._by_name.get(_bare(_TUNING.sub("", name)))):
            spec = replace(base, price=base.price.of_tuned)
        return spec if spec is None or name == spec.name else replace(spec, uri=name)

    def choice(self, wanted: ModelChoice) -> ModelChoice:
        """Return the same choice, and its fallbacks, with what is known of the models."""
        fallbacks = tuple(self.choice(one) for one in wanted.fallbacks)
        return replace(wanted, spec=self.find(wanted.name), fallbacks=fallbacks)

    def able(self, ability: Ability) -> Iterable[ModelSpec]:
        """Return the models that can do this."""
        return [spec for spec in self.specs if ability in spec.abilities]


def _spec(name: str, entry: ModelEntry) -> ModelSpec:
    is_own = entry.server is Server.OWN
    return ModelSpec(
        name=name,
        uri=entry.uri or name,
        dialect=Dialect.OPENAI if is_own else entry.dialect,
        server=entry.server,
        context_tokens=entry.context_tokens,
        price=_price(entry.price),
        abilities=frozenset(entry.abilities),
        title={str(language): title for language, title in entry.title.items()},
    )


def _price(section: PriceSection) -> Price:
    return Price(
        input_rub=section.input,
        output_rub=section.output,
        async_input_rub=section.async_input,
        async_output_rub=section.async_output,
        request_rub=section.request,
        request_tokens=section.request_tokens,
        tuned_request_tokens=section.tuned_request_tokens,
    )


def _bare(name: str) -> str:
    """Return a name without what does not tell models apart: scheme, folder, and the newest branch."""
    return _SCHEME_AND_FOLDER.sub("", name).removesuffix(_NEWEST).lower()
