"""A judge of Bot API calls: does a call have the method, the parameters and the types that the schema knows?

`botapi.json` is the schema in compact form, `{"methods": {method: {parameter: type}}, "types": {…}, "unions":
{type: [types]}}`; a type that ends in `!` must be there. It is made from the full one:
`python -m tests.tools.botapi SCHEMA.json`.
Source: Bot API 10.3 as aiogram's sources carry it (`.butcher/schema/schema.json`).
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

_COMPACT = Path(__file__).with_suffix(".json")
_BULLET = re.compile(r"^\s*- (\w+)$", re.MULTILINE)
_ARRAY = "Array of "
_INTEGER = re.compile(r"-?\d+")


def assert_call_matches_schema(method: str, params: Mapping[str, Any]) -> None:
    """Fail with every problem of a call; parameters may be values, or text as a form carries them."""
    problems = list(call_problems(method, params))
    if problems:
        raise AssertionError("\n".join([f"{method} does not match the Bot API:", *problems]))


def call_problems(method: str, params: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a call."""
    known = {name.lower(): fields for name, fields in _schema()["methods"].items()}
    fields = known.get(method.lower())
    if fields is None:
        yield "there is no such method"
        return
    values = {name: _unwired(value, fields.get(name, "")) for name, value in params.items()}
    yield from _object_problems(values, fields, "")


def object_problems(value: Any, kind: str) -> Iterator[str]:
    """Yield what is wrong with a value of any type of the Bot API, such as `Update`."""
    yield from _problems(value, kind, kind)


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(_COMPACT.read_text(encoding="utf-8"))
    return schema


def _unwired(value: Any, kind: str) -> Any:
    """Turn the text of a form into the value it stands for; what is meant as text stays so."""
    if not isinstance(value, str) or not kind:
        return value
    options = _options(kind.rstrip("!"))
    if "Integer" in options and _INTEGER.fullmatch(value):
        return int(value)
    if "String" in options or "InputFile" in options:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _object_problems(value: Mapping[str, Any], fields: Mapping[str, str], path: str) -> Iterator[str]:
    prefix = f"{path}." if path else ""
    for name, kind in fields.items():
        if kind.endswith("!") and value.get(name) is None:
            yield f"{prefix}{name}: is required"
    for name, item in value.items():
        if name not in fields:
            yield f"{prefix}{name}: is unknown"
        elif item is not None:
            yield from _problems(item, fields[name].rstrip("!"), f"{prefix}{name}")


def _problems(value: Any, kind: str, path: str) -> Iterator[str]:
    options = _options(kind)
    tries = [list(_kind_problems(value, option, path)) for option in options]
    if all(tries):
        if len(tries) == 1:
            yield from tries[0]
        else:
            yield f"{path}: fits none of {', '.join(options)}: {json.dumps(value, ensure_ascii=False)[:200]}"


def _options(kind: str) -> list[str]:
    """The types a value may have: `A or B`, or the members of a union."""
    if kind.startswith(_ARRAY):
        return [kind]
    named = kind.split(" or ")
    unions = _schema()["unions"]
    return [option for name in named for option in unions.get(name, [name])]


def _kind_problems(value: Any, kind: str, path: str) -> Iterator[str]:
    if kind.startswith(_ARRAY):
        yield from _array_problems(value, kind.removeprefix(_ARRAY), path)
    elif kind in _IS_KIND:
        if not _IS_KIND[kind](value):
            yield f"{path}: must be {kind}, is {value!r}"
    elif not isinstance(value, dict):
        yield f"{path}: must be a {kind}, is {value!r}"
    else:
        yield from _object_problems(value, _schema()["types"][kind], path)


def _array_problems(value: Any, kind: str, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path}: must be an array, is {value!r}"
        return
    one_of = re.sub(r", | and ", " or ", kind)
    for index, item in enumerate(value):
        yield from _problems(item, one_of, f"{path}[{index}]")


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_IS_KIND: dict[str, Callable[[Any], bool]] = {
    "Integer": _is_integer,
    "Float": lambda value: isinstance(value, float) or _is_integer(value),
    "String": lambda value: isinstance(value, str),
    "InputFile": lambda value: isinstance(value, str),
    "Boolean": lambda value: isinstance(value, bool),
    "True": lambda value: value is True,
}


def compacted(full: Mapping[str, Any]) -> dict[str, Any]:
    """Return the compact form of the full schema."""
    compact: dict[str, Any] = {"methods": {}, "types": {}, "unions": {}}
    for item in (item for chapter in full["items"] for item in chapter["children"]):
        fields = {note["name"]: note["type"] + "!" * note["required"] for note in item["annotations"]}
        members = _BULLET.findall(item["description"])
        if item["category"] == "types" and members and not fields:
            compact["unions"][item["name"]] = [*_plain_members(item), *members]
        else:
            compact[item["category"]][item["name"]] = fields
    return compact


def _plain_members(item: Mapping[str, Any]) -> list[str]:
    """The members of a union that are no objects: a rich text may also be a string or a list."""
    introduction = item["description"].partition("\n")[0]
    is_plain = "String" in introduction
    return ["String", f"{_ARRAY}{item['name']}"] if is_plain else []


if __name__ == "__main__":
    source = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    _COMPACT.write_text(
        json.dumps(compacted(source), separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8"
    )
