import pytest

from bot.backends.router import ModelRouter, Nobody
from bot.errors import UnknownModel
from bot.types import Ask, Dialect, ModelChoice, ModelSpec, Picture, Server, Turn
from tests.tools.models import ScriptedModel, outcome_of, pieces_of

NATIVE = ModelSpec("lite", "yandexgpt-5-lite")
OTHERS = ModelSpec("qwen", "qwen3", Dialect.OPENAI)
OWN = ModelSpec("llama", "llama3.2", Dialect.OPENAI, Server.OWN)
ALBUM = {"p": Picture(b"red")}


def an_ask(spec: ModelSpec | None, name: str = "m", **more: object) -> Ask:
    return Ask(ModelChoice(name, spec=spec), "Who?", **more)  # type: ignore[arg-type]


async def asked(ask: Ask, *, is_own_alone: bool = False) -> str:
    """Which of the ways an ask takes."""
    ways = {name: ScriptedModel() for name in ("native", "openai", "own")}
    await pieces_of(ModelRouter(**ways, is_own_alone=is_own_alone), ask)
    [way] = [name for name, model in ways.items() if model.asks == [ask]]
    return way


@pytest.mark.parametrize(
    ("ask", "way"),
    [
        (an_ask(NATIVE), "native"),
        (an_ask(OTHERS), "openai"),
        (an_ask(OWN), "own"),
        (an_ask(None, "yandexgpt/rc"), "native"),
        (an_ask(None, "gpt://folder/tuned@suffix"), "native"),
        (an_ask(None, photos=("p",), album=ALBUM), "openai"),
        (an_ask(NATIVE, photos=("p",), album=ALBUM), "native"),  # it sees none, so none is shown to it
        (an_ask(OTHERS, photos=("p",), album=ALBUM), "openai"),
        (an_ask(OWN, photos=("p",), album=ALBUM), "own"),
        (an_ask(None, history=(Turn("?", "!", 1.0, 1, ("p",)),), album=ALBUM), "openai"),
        (an_ask(None, photos=("gone",), album=ALBUM), "native"),
    ],
)
async def test_a_model_is_asked_by_whoever_has_it_and_pictures_go_where_they_can(ask: Ask, way: str) -> None:
    assert await asked(ask) == way


@pytest.mark.parametrize(
    ("ask", "way"),
    [
        (an_ask(None, "llama3.2"), "own"),
        (an_ask(OWN), "own"),
        (an_ask(NATIVE), "native"),
        (an_ask(None, "gpt://folder/tuned@suffix"), "native"),
        (an_ask(None, "llava", photos=("p",), album=ALBUM), "own"),
    ],
)
async def test_without_an_account_a_model_that_nobody_knows_is_ones_own(ask: Ask, way: str) -> None:
    assert await asked(ask, is_own_alone=True) == way


async def test_where_there_is_no_server_the_model_does_not_exist() -> None:
    _, error = await outcome_of(Nobody("OPENAI__URL is not set"), an_ask(OWN))

    assert isinstance(error, UnknownModel)
    assert str(error) == "llama cannot be asked: OPENAI__URL is not set"
