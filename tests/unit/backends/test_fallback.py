from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from bot.backends.fallback import FallingBack
from bot.errors import (
    AccessDenied,
    BackendError,
    BackendTimeout,
    BadCredentials,
    BlindModel,
    ConnectionCut,
    ContentFiltered,
    ContextTooLong,
    Overloaded,
    QuotaExceeded,
    Rejected,
    ServiceDown,
    UnknownModel,
    Unreachable,
    WaitedFor,
)
from bot.ports import ModelBackend
from bot.types import Ask, ModelChoice, ModelSpec, Piece
from tests.tools.models import ScriptedModel, an_ask, outcome_of, pieces_of

ASK = replace(
    an_ask(),
    model=ModelChoice(
        "main", fallbacks=(ModelChoice("second", spec=ModelSpec("2nd", "second/latest")), ModelChoice("third"))
    ),
)


class Models:
    """Several models behind one backend, by their addresses."""

    def __init__(self, models: Mapping[str, ModelBackend]) -> None:
        self.models = models
        self.asked: list[str] = []

    async def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
        self.asked.append(ask.model.address)
        async with aclosing(self.models[ask.model.address].stream(ask)) as pieces:
            async for piece in pieces:
                yield piece


def failing(*errors: BackendError) -> Models:
    """The first models fail, the others answer."""
    names = ("main", "second/latest", "third")
    given = (*errors, *[None] * len(names))
    return Models(
        {
            name: ScriptedModel(["A", "A b"], refusals=[error] if error else [])
            for name, error in zip(names, given, strict=False)
        }
    )


async def test_a_model_that_answers_answers_alone() -> None:
    models = failing()

    pieces = await pieces_of(FallingBack(models), ASK)

    assert models.asked == ["main"]
    assert {piece.model for piece in pieces} == {""}


async def test_the_next_model_answers_and_signs_every_piece() -> None:
    models = failing(Overloaded("busy"))

    pieces = await pieces_of(FallingBack(models), ASK)

    assert [piece.text for piece in pieces] == ["A", "A b"]
    assert models.asked == ["main", "second/latest"]
    assert {piece.model for piece in pieces} == {"2nd"}


@pytest.mark.parametrize(
    "error",
    [
        Unreachable("no"),
        ConnectionCut("cut"),
        BackendTimeout(WaitedFor.FIRST_PIECE, 30),
        Overloaded("busy"),
        QuotaExceeded("quota"),
        ServiceDown("down", 5),
        BadCredentials("key"),
        AccessDenied("role"),
        UnknownModel("retired"),
        BlindModel("blind"),
        ContextTooLong("long"),
    ],
)
async def test_what_another_model_may_do_better_is_a_reason_to_ask_it(error: BackendError) -> None:
    outcome = await outcome_of(FallingBack(failing(error)), ASK)

    assert outcome == (["A", "A b"], None)


@pytest.mark.parametrize("error", [ContentFiltered("no"), Rejected("wrong"), BackendError("whatever")])
async def test_what_another_model_would_do_no_better_is_told_at_once(error: BackendError) -> None:
    models = failing(error)

    assert await outcome_of(FallingBack(models), ASK) == ([], error)
    assert models.asked == ["main"]


async def test_if_all_fail_the_error_of_the_chosen_model_is_told() -> None:
    first = Overloaded("busy")
    models = failing(first, Rejected("wrong"), UnknownModel("none"))

    assert await outcome_of(FallingBack(models), ASK) == ([], first)
    assert models.asked == ["main", "second/latest", "third"]


async def test_the_ethics_of_a_fallback_are_told_and_end_the_search() -> None:
    refusal = ContentFiltered("no")
    models = failing(Overloaded("busy"), refusal)

    assert await outcome_of(FallingBack(models), ASK) == ([], refusal)
    assert models.asked == ["main", "second/latest"]


async def test_an_answer_that_has_begun_is_never_begun_by_another_model() -> None:
    models = Models({"main": ScriptedModel(["A"], error=Overloaded("late"))})

    texts, error = await outcome_of(FallingBack(models), ASK)

    assert (texts, type(error)) == (["A"], Overloaded)
    assert models.asked == ["main"]


async def test_a_place_in_a_line_is_no_beginning() -> None:
    class Crowded:
        async def stream(self, _: Ask) -> AsyncGenerator[Piece, None]:
            yield Piece("", waiting=3)
            raise Overloaded("busy")

    models = Models({"main": Crowded(), "second/latest": ScriptedModel(["A"])})

    texts, error = await outcome_of(FallingBack(models), ASK)

    assert (texts, error) == (["", "A"], None)


async def test_a_change_of_models_is_logged_and_a_failure_without_one_is_not() -> None:
    with capture_logs() as logs:
        await outcome_of(FallingBack(failing(Overloaded("busy"))), ASK)
        await outcome_of(FallingBack(failing(Overloaded("busy"))), replace(ASK, model=ModelChoice("main")))

    assert [(one["event"], one["model"], one["instead_of"]) for one in logs] == [
        ("another model is asked", "2nd", "main")
    ]
