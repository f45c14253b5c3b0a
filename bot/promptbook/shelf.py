"""All files together become prompts, styles, classifiers and the list of models, or one error.

That error tells everything that is wrong with any of the files.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bot.errors import ConfigError, Problem
from bot.promptbook import inheritance, later
from bot.promptbook.catalogue import Catalogue
from bot.promptbook.classifier import Classifier
from bot.promptbook.document import Source
from bot.promptbook.folder import Content
from bot.promptbook.localized import LANGUAGES, Localized
from bot.promptbook.nearest import advice
from bot.promptbook.prompt import Prompt
from bot.promptbook.schema import HistorySection, ModelSection
from bot.promptbook.sheet import CLASSIFIER, IMAGE, MODELS, PROMPT, Sheet, judged
from bot.promptbook.style import Style
from bot.promptbook.template import Template
from bot.types import Example, Format, Manner, Mode, ModelChoice, Ratio, Sample, Scheme, Window

_SHIPPED_MODELS = Path(__file__).parents[2] / "prompts" / "models.yaml"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything that the folder holds, by name, in the order of the files."""

    prompts: Mapping[str, Prompt] = field(default_factory=dict)
    styles: Mapping[str, Style] = field(default_factory=dict)
    classifiers: Mapping[str, Classifier] = field(default_factory=dict)
    catalogue: Catalogue = field(default_factory=Catalogue)


def shelved(contents: Mapping[Path, Content], folder: Path, default: str) -> Shelf:
    """Return what the files hold.

    Raises:
        ConfigError: with all problems of all files.
    """
    everything = [_sheet(file, content) for file, content in contents.items()]
    by_kind = {kind: [sheet for sheet in everything if sheet.kind == kind] for kind in _NAMED}
    owners = {kind: _owners(sheets) for kind, sheets in by_kind.items()}
    claims, sheets = by_kind[PROMPT], owners[PROMPT]
    found = [
        *(problem for sheet in everything for problem in sheet.problems),
        *(problem for kind in _NAMED for problem in _duplicates(by_kind[kind], owners[kind])),
        *inheritance.problems(claims, sheets),
        *later.problems(claims, sheets, _models_of(everything)),
        *_missing(default, sheets, folder),
    ]
    if found:
        raise ConfigError(*found)
    return Shelf(
        {sheet.name: _prompt(sheet, inheritance.inherited(sheet, sheets)) for sheet in claims},
        {sheet.name: _style(sheet) for sheet in by_kind[IMAGE]},
        {sheet.name: _classifier(sheet) for sheet in by_kind[CLASSIFIER]},
        catalogue(everything),
    )


_NAMED = (PROMPT, IMAGE, CLASSIFIER)
"""The kinds of files whose names tell them apart."""


def catalogue(sheets: Iterable[Sheet]) -> Catalogue:
    """Return the models of all lists among the files."""
    listed = (sheet.fields.get("models", {}) for sheet in sheets if sheet.kind == MODELS)
    return Catalogue.of({name: entry for models in listed for name, entry in models.items()})


def _models_of(sheets: Sequence[Sheet]) -> Catalogue:
    """Return what is known of models; nothing if the list itself is broken."""
    if any(sheet.kind == MODELS and sheet.problems for sheet in sheets):
        return Catalogue()
    known = catalogue(sheets)
    return known if known.specs else shipped_catalogue()


@cache
def shipped_catalogue() -> Catalogue:
    """Return the list of models for a folder that has none; an empty one if it was deleted."""
    if not _SHIPPED_MODELS.exists():
        return Catalogue()
    return catalogue([judged(_SHIPPED_MODELS, _SHIPPED_MODELS.read_bytes())])


def _owners(claims: Sequence[Sheet]) -> dict[str, Sheet]:
    return {sheet.name: sheet for sheet in sorted(claims, key=_precedence, reverse=True)}


def _sheet(file: Path, content: Content) -> Sheet:
    return Sheet(file, (content,)) if isinstance(content, Problem) else judged(file, content)


def _precedence(sheet: Sheet) -> tuple[bool, Path]:
    """A file that bears a name has a better claim to it than one that takes it."""
    return sheet.is_named, sheet.file


def _duplicates(claims: Iterable[Sheet], sheets: Mapping[str, Sheet]) -> Iterator[Problem]:
    for sheet in claims:
        owner = sheets[sheet.name]
        if owner is not sheet:
            yield sheet.problem("name", f"duplicate name {sheet.name!r}: {owner.file} has it already")


def _missing(default: str, sheets: Mapping[str, Sheet], folder: Path) -> Iterator[Problem]:
    if not folder.is_dir():
        yield Problem(folder, 0, 0, "no such folder: expected one with a YAML file for each prompt")
    elif not sheets:
        yield Problem(folder, 0, 0, "no prompts here: expected files such as assistant.yaml")
    elif default not in sheets:
        yield Problem(folder, 0, 0, f"the default prompt {default!r} is not here; {advice(default, sheets)}")


def _prompt(sheet: Sheet, fields: dict[str, Any]) -> Prompt:
    """Put checked fields into the values that the house knows; what nobody said is as the schema has it."""
    model = ModelSection.model_construct(**fields.get("model", {}))
    history = HistorySection.model_construct(**fields.get("history", {}))
    starters: dict[str, list[str]] = _by_language(fields, "starters", [])
    return Prompt(
        name=sheet.name,
        title=Localized(_by_language(fields, "title", sheet.name)),
        description=Localized(_by_language(fields, "description", "")),
        welcome=Localized(_by_language(fields, "welcome", "")),
        system=Localized(_by_language(fields, "system", Template("", Source(sheet.file, 1, 1, "")))),
        model=ModelChoice(model.name, model.temperature, model.max_tokens, model.reasoning),
        examples=tuple(Example(**example) for example in fields.get("examples", ())),
        window=Window(history.max_tokens, history.idle_reset),
        starters=Localized({language: tuple(texts) for language, texts in starters.items()}),
        manner=Manner(fields.get("transport"), fields.get("format", Format.ENTITIES)),
        while_busy=fields.get("while_busy"),
        models=tuple(fields.get("models", ())),
        fallback=tuple(fields.get("fallback", ())),
        mode=fields.get("mode", Mode.SYNC),
        is_hidden=fields.get("hidden", False),
    )


def _style(sheet: Sheet) -> Style:
    fields = sheet.fields
    fallbacks = tuple(map(ModelChoice, fields.get("fallback", ())))
    template = Template("{{ words }}", Source(sheet.file, 1, 1, "{{ words }}"))
    return Style(
        name=sheet.name,
        title=Localized(_by_language(fields, "title", sheet.name)),
        description=Localized(_by_language(fields, "description", "")),
        template=Localized(_by_language(fields, "template", template)),
        model=ModelChoice(fields.get("model", ""), fallbacks=fallbacks),
        ratio=Ratio(**fields["ratio"]) if "ratio" in fields else Ratio(),
        seed=fields.get("seed"),
        is_hidden=fields.get("hidden", False),
    )


def _classifier(sheet: Sheet) -> Classifier:
    fields = sheet.fields
    scheme = Scheme(
        ModelChoice(fields.get("model", "")),
        fields.get("task", ""),
        tuple(fields.get("labels", ())),
        tuple(Sample(**sample) for sample in fields.get("examples", ())),
    )
    return Classifier(
        name=sheet.name,
        title=Localized(_by_language(fields, "title", sheet.name)),
        description=Localized(_by_language(fields, "description", "")),
        scheme=scheme,
        is_hidden=fields.get("hidden", False),
    )


def _by_language(fields: dict[str, Any], key: str, otherwise: Any) -> dict[str, Any]:
    return fields.get(key) or dict.fromkeys(LANGUAGES, otherwise)
