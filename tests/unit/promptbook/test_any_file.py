"""Whatever bytes stand in a prompt's file: it is a prompt, or it has problems, whose places lie in the file."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.errors import ConfigError
from bot.promptbook import PromptBook
from bot.types import Person

FRAGMENTS = (
    *("title", "system", "model", "examples", "starters", "extends", "history", "name", "ru", "en", "it"),
    *(":", "|", "'", '"', "{", "}", "{{", "}}", "{%", "%}", "{#", "[", "]", ",", "&a", "*a", "!!int", "---"),
    *("...", "#", "%", "@", "?", "<<", "yes", "null", "0.5", "1_0", "temperature", "person_name", "|upper"),
    *("endif", ".oops"),
    *(": ", "\n", "\n  ", "\n- ", "- ", "\t", " ", "|\n  ", ">-\n  ", "!x ", "if ", "for x in "),
    *("\\", "\\ud83d", "\u2028", "\x85", "\x07", "Привет", "🐦"),
)

texts = st.lists(st.sampled_from(FRAGMENTS), max_size=30).map(lambda parts: "".join(parts).encode())
templates = st.lists(st.sampled_from(FRAGMENTS), max_size=12).map(
    lambda parts: ("system: |\n  " + "".join(parts).replace("\n", "\n  ")).encode()
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.binary(max_size=200), texts, templates))
@example(b"(: !!int")
def test_any_file_is_a_prompt_or_has_problems_that_lie_in_it(raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "it.yaml")
        file.write_bytes(raw)
        book = PromptBook(Path(folder), "it")

        if book.refresh():
            book.get().ask("?", (), book.facts(Person(1, "Anna", "en"), bot_name="Govorun"), "yandexgpt")
        else:
            lines = raw.decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
            assert book.problems
            assert all(1 <= problem.line <= len(lines) for problem in book.problems)
            assert all(problem.message for problem in book.problems)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80))
def test_a_text_in_a_block_is_read_as_it_is_written(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "it.yaml").write_text(f"system: |2\n  :{text}\n", encoding="utf-8")
        book = PromptBook(Path(folder), "it")

        try:
            book.load()
        except ConfigError:
            return
        assert book.get().system.in_("en").text.rstrip() == f":{text}".rstrip()
