"""All files together become prompts, or one error that tells everything that is wrong with any of them."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.errors import ConfigError, Problem
from bot.promptbook import inheritance
from bot.promptbook.document import Source
from bot.promptbook.folder import Content
from bot.promptbook.localized import LANGUAGES, Localized
from bot.promptbook.nearest import advice
from bot.promptbook.prompt import Prompt
from bot.promptbook.schema import HistorySection, ModelSection
from bot.promptbook.sheet import Sheet, judged
from bot.promptbook.template import Template
from bot.types import Example, Format, Manner, ModelChoice, Window


def prompts(contents: Mapping[Path, Content], folder: Path, default: str) -> dict[str, Prompt]:
    """Return the prompts by name, in the order of their files.

    Raises:
        ConfigError: with all problems of all files.
    """
    claims = [_sheet(file, content) for file, content in contents.items()]
    sheets = {sheet.name: sheet for sheet in sorted(claims, key=_precedence, reverse=True)}
    found = [
        *(problem for sheet in claims for problem in sheet.problems),
        *_duplicates(claims, sheets),
        *inheritance.problems(claims, sheets),
        *_missing(default, sheets, folder),
    ]
    if found:
        raise ConfigError(*found)
    return {sheet.name: _prompt(sheet, inheritance.inherited(sheet, sheets)) for sheet in claims}


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
        is_hidden=fields.get("hidden", False),
    )


def _by_language(fields: dict[str, Any], key: str, otherwise: Any) -> dict[str, Any]:
    return fields.get(key) or dict.fromkeys(LANGUAGES, otherwise)
