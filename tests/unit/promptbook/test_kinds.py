from pathlib import Path

import pytest

from bot.promptbook import PromptBook
from bot.types import Ability, Dialect, ModelChoice, Ratio, Server
from tests.unit.promptbook.conftest import Desk

STYLE = 'kind: image\ntemplate: "{{ words }}, in ink"\n'
CLASSIFIER = "kind: classifier\ntask: Name it\nlabels: [apple, pear]\n"
MODELS = """
kind: models
models:
  swift:
    title: {ru: Стриж, en: Swift}
    uri: swift-2/latest
    aliases: [bird, bird/rc]
    dialect: openai
    abilities: [vision]
    price: {input: 0.5, output: 1}
  crow:
    server: own
"""


def test_a_style_is_a_file(desk: Desk) -> None:
    desk.write("ink.yaml", f'{STYLE}ratio: "16:9"\nseed: 7\nmodel: art\nfallback: other\n')

    style = desk.loaded().style("ink")

    assert style is not None
    order = style.order("a cat", "en", seed=1, ratio=style.ratio, default_model="unused")
    assert (order.words, order.ratio, str(order.ratio), style.seed) == (
        "a cat, in ink",
        Ratio(16, 9),
        "16:9",
        7,
    )
    assert (order.model.name, order.model.fallbacks) == ("art", (ModelChoice("other"),))
    assert desk.loaded().styles() == (style,)


def test_a_classifier_is_a_file(desk: Desk) -> None:
    desk.write("fruit.yaml", f"{CLASSIFIER}examples: [{{text: red, label: apple}}]\n")
    book = desk.loaded()

    classifier = book.classifier("fruit")

    assert classifier is not None
    scheme = classifier.with_model("yandexgpt-lite", book.catalogue)
    assert (scheme.model.address, scheme.labels, scheme.samples[0].label) == (
        "yandexgpt-lite",
        ("apple", "pear"),
        "apple",
    )
    assert book.classifiers() == (classifier,)


def test_styles_and_classifiers_are_no_prompts(desk: Desk) -> None:
    desk.write("ink.yaml", STYLE)
    desk.write("fruit.yaml", CLASSIFIER)

    assert desk.loaded().names == ("good",)


def test_hidden_ones_are_kept_out_of_the_menus(desk: Desk) -> None:
    desk.write("ink.yaml", f"{STYLE}hidden: true\n")
    desk.write("fruit.yaml", f"{CLASSIFIER}hidden: true\n")
    book = desk.loaded()

    assert (book.styles(), book.classifiers()) == ((), ())
    assert book.style("ink") is not None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "kind: imge\n",
            "1:7: kind: expected prompt, image, classifier, models, got 'imge'; did you mean 'image'?",
        ),
        (
            "kind: image\ntemplate: in ink\n",
            "2:11: template: {{ words }} is missing: nobody's words would be drawn",
        ),
        (f"{STYLE}ratio: wide\n", "3:8: ratio: expected a width and a height such as '16:9', got 'wide'"),
        (f"{STYLE}seed: 0\n", "3:7: seed: expected a whole number above 0, got the number 0"),
        (
            'kind: image\ntemplate: "{{ word }}, words"\n',
            "2:15: undefined variable 'word'; did you mean 'words'?",
        ),
        (f"{STYLE}labels: [a, b]\n", "3:1: unknown key 'labels'; "),
        ("kind: classifier\ntask: Name it\n", "1:1: 'labels' is missing: the words to choose from"),
        (f"{CLASSIFIER}labels: [a]\n", "4:1: key 'labels' is written twice; first on line 3"),
        (
            "kind: classifier\ntask: Name it\nlabels: [a]\n",
            "3:9: labels: expected a list of 2 to 20 words, got a list of 1",
        ),
        ("kind: classifier\ntask: x\nlabels: [a, b, a]\n", "3:16: labels: 'a' is there twice"),
        (
            f"{CLASSIFIER}examples: [{{text: red, label: aple}}]\n",
            "4:31: label: 'aple' is none of the labels; did you mean 'apple'?",
        ),
        (
            f"{CLASSIFIER}model: cls://folder/lite@x\n",
            "2:1: task: a tuned model has labels of its own; leave this out, or the part after @",
        ),
        (
            "kind: models\nmodels: {a: {prise: 1}}\n",
            "2:14: unknown key 'prise' in 'models'; did you mean 'price'?",
        ),
        (
            "kind: models\nmodels: {a: {price: {input: -1}}}\n",
            "2:29: input: expected roubles per 1000 tokens, got the number -1",
        ),
        ("kind: models\nmodels: {a: {aliases: b}, b: {}}\n", "2:27: 'b' is a name of 'a' already"),
        (
            "kind: models\nmodels: {a: {server: own, dialect: native}}\n",
            "2:36: dialect: one's own server speaks openai only",
        ),
        (
            "kind: models\nmodels: {a: {abilities: [visoin]}}\n",
            "2:26: abilities: expected a list of vision and async, got 'visoin'; did you mean 'vision'?",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(desk: Desk, text: str, told: str) -> None:
    assert any(problem.startswith(told) for problem in desk.told_of(text)), desk.told_of(text)


def test_examples_that_the_service_would_not_take_are_told(desk: Desk) -> None:
    examples = "".join(f"\n  - {{text: {'x' * 500}, label: apple}}" for _ in range(25))

    [told] = desk.told_of(f"{CLASSIFIER}examples:{examples}\n")

    assert told == "4:1: examples: 12500 characters together; the service takes 6000 tokens"


def test_a_style_that_leaves_no_room_for_words_is_told(desk: Desk) -> None:
    [told] = desk.told_of(f'kind: image\ntemplate: "{{{{ words }}}} {"x" * 500}"\n')

    assert told == "2:11: template: 512 characters; the service takes 500, words included"


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("swift", "swift-2/latest"),
        ("bird", "bird"),
        ("bird/rc", "bird/rc"),
        ("SWIFT", "SWIFT"),
        ("gpt://folder/swift-2/latest", "gpt://folder/swift-2/latest"),
        ("bird@tuned", "bird@tuned"),
        ("gpt://folder/swift-2/latest@tuned", "gpt://folder/swift-2/latest@tuned"),
    ],
)
def test_a_model_is_found_by_any_of_its_names(desk: Desk, name: str, uri: str) -> None:
    desk.write("models.yaml", MODELS)

    choice = desk.loaded().catalogue.choice(ModelChoice(name))

    assert choice.spec is not None
    assert (choice.spec.name, choice.address, choice.dialect) == ("swift", uri, Dialect.OPENAI)
    assert choice.price.output_rub == 1


def test_what_the_list_says_of_a_model(desk: Desk) -> None:
    desk.write("models.yaml", MODELS)
    catalogue = desk.loaded().catalogue

    own, unknown = catalogue.choice(ModelChoice("crow")), catalogue.choice(ModelChoice("owl"))

    assert (own.server, own.dialect, own.may(Ability.VISION)) == (Server.OWN, Dialect.OPENAI, False)
    assert (unknown.spec, unknown.address, unknown.may(Ability.VISION)) == (None, "owl", True)
    assert [spec.name for spec in catalogue.able(Ability.VISION)] == ["swift"]


def test_fallbacks_are_known_too(desk: Desk) -> None:
    desk.write("models.yaml", MODELS)
    prompt = desk.prompt("system: Hi.\nmodel: crow\nfallback: [swift, crow]\n")

    choice = desk.loaded().catalogue.choice(prompt.choice("unused"))

    assert [model.label for model in choice.fallbacks] == ["swift"]


def test_a_folder_without_a_list_borrows_the_shipped_one(desk: Desk) -> None:
    spec = desk.loaded().catalogue.find("yandexgpt-lite")

    assert spec is not None
    assert spec.name == "yandexgpt-5-lite"


def test_every_shipped_model_can_be_found_by_its_name() -> None:
    book = PromptBook(Path("prompts"))
    book.load()

    assert len(book.catalogue.specs) > 10
    assert all(book.catalogue.find(spec.name) == spec for spec in book.catalogue.specs)
