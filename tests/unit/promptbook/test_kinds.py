"""What a file holds: a prompt, a style, a classifier or the models, and the mistakes in each by their lines."""

import pytest

from bot.promptbook import PromptBook
from bot.types import ImageOrder, ModelChoice, Person, Ratio, Sample, Scheme
from tests.unit.promptbook.conftest import Desk

KINDS = "expected prompt, image, classifier, models"
STYLE_KEYS = "description, fallback, hidden, kind, model, name, ratio, seed, template, title"
FALLBACK = "expected a model, or a list of models, that draw if the first one refuses"
LABELS = "labels: expected a list of 2 to 20 words"
SORTS = "kind: classifier\ntask: t\nlabels: [good, bad]\n"
LONG = "x" * 12_001


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kind: poem\n", f"1:7: kind: {KINDS}, got 'poem'; did you mean 'prompt'?"),
        ("system: x\nkind: classifer\n", f"2:7: kind: {KINDS}, got 'classifer'; did you mean 'classifier'?"),
        ("kind: zzz\n", f"1:7: kind: {KINDS}, got 'zzz'; known: classifier, image, models, prompt"),
        ("kind: [image]\n", "1:7: kind: expected prompt, image, classifier or models, got a list of 1"),
    ],
)
def test_an_unknown_kind_is_told_with_the_nearest_known_one(desk: Desk, text: str, told: str) -> None:
    assert desk.told_of(text) == [told]


def test_of_an_unknown_kind_nothing_else_is_told(desk: Desk) -> None:
    assert len(desk.told_of("kind: poem\nrhymes: yes\nsystem: '{{ oops }}'\n")) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "kind: image\nsystem: x\n",
            f"2:1: unknown key 'system'; known: {STYLE_KEYS}",
        ),
        (
            "kind: image\ntemplate: a cat\n",
            "2:11: template: {{ words }} is missing: nobody's words would be drawn",
        ),
        (
            "kind: image\ntemplate: '{words}. In swords'\n",
            "2:11: template: {{ words }} is missing: nobody's words would be drawn",
        ),
        (
            "kind: image\ntemplate: |\n  {{ words }},\n  {{ wrods }}\n",
            "4:6: undefined variable 'wrods'; did you mean 'words'?",
        ),
        (
            f"kind: image\ntemplate: '{{{{ words }}}} {'x' * 500}'\n",
            "2:11: template: 512 characters; the service takes 500, words included",
        ),
        (
            "kind: image\nratio: 16x9\n",
            "2:8: ratio: expected a width and a height such as '16:9', got '16x9'",
        ),
        (
            "kind: image\nratio: 16:9\n",
            "2:8: ratio: expected a width and a height such as '16:9', got the number 16:9",
        ),
        ("kind: image\nseed: 0\n", "2:7: seed: expected a whole number above 0, got the number 0"),
        (
            "kind: image\nmodel: a b\n",
            "2:8: model: expected a model such as aliceai-image-art-3.0, got 'a b'",
        ),
        (
            "kind: image\nfallback: 5\n",
            f"2:11: fallback: {FALLBACK}, got the number 5",
        ),
    ],
)
def test_a_mistake_in_a_style_is_told_with_its_place(desk: Desk, text: str, told: str) -> None:
    assert desk.told_of(text) == [told]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kind: classifier\ntask: t\n", "1:1: 'labels' is missing: the words to choose from"),
        ("kind: classifier\nlabels: [a, b]\n", "1:1: 'task' is missing: what the labels tell apart"),
        ("kind: classifier\ntask: t\nlabels: [a]\n", f"3:9: {LABELS}, got a list of 1"),
        (
            f"kind: classifier\ntask: t\nlabels: [{', '.join(f'l{number}' for number in range(21))}]\n",
            f"3:9: {LABELS}, got a list of 21",
        ),
        (
            "kind: classifier\ntask: t\nlabels: [1, b]\n",
            f"3:10: {LABELS}, got the number 1; put it in quotes",
        ),
        ("kind: classifier\ntask: t\nlabels:\n- a\n- b\n- A\n", "6:3: labels: 'A' is there twice"),
        ("kind: classifier\ntask: t\nlabels: [a, ' ']\n", "3:13: labels: a blank tells nothing apart"),
        (
            "kind: classifier\ntask: 'on {{ words }}'\nlabels: [a, b]\n",
            "2:7: task: templates are not rendered here; this is taken as it is",
        ),
        (f"{SORTS}label: x\n", "4:1: unknown key 'label'; did you mean 'labels'?"),
        (f"{SORTS}model: gpt://folder/x\n", "4:8: model: the URI of a classifier begins with cls://"),
        (
            f"{SORTS}examples:\n- {{text: x, label: god}}\n",
            "5:20: label: 'god' is none of the labels; did you mean 'good'?",
        ),
        (f"{SORTS}examples:\n- {{text: x}}\n", "5:3: 'label' is missing"),
        (f"{SORTS}examples:\n- {{text: '', label: bad}}\n", "5:10: text: expected text, got nothing"),
        (
            f"{SORTS}examples:\n- {{txt: y, text: z, label: bad}}\n",
            "5:4: unknown key 'txt' in 'examples'; did you mean 'text'?",
        ),
        (
            f"{SORTS}examples:\n- plain\n",
            "5:3: examples: expected a list of mappings with text and label, got 'plain'",
        ),
        (
            f"{SORTS}examples:\n- {{text: x, label: good}}\n- {{text: x, label: bad}}\n",
            "6:20: label: the same text is an example of 'good' already",
        ),
        (
            f"{SORTS}examples:\n- {{text: {LONG}, label: good}}\n",
            "4:1: examples: 12001 characters together; the service takes 6000 tokens",
        ),
    ],
)
def test_a_mistake_in_a_classifier_is_told_with_its_place(desk: Desk, text: str, told: str) -> None:
    assert desk.told_of(text) == [told]


def test_what_a_tuned_classifier_brings_itself_is_told_key_by_key(desk: Desk) -> None:
    told = desk.told_of("kind: classifier\nmodel: x@y\nlabels: [a, b]\ntask: t\nexamples: []\n")

    rest = "a tuned model has labels of its own; leave this out, or the part after @"
    assert told == [f"3:1: labels: {rest}", f"4:1: task: {rest}", f"5:1: examples: {rest}"]


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        (
            "a: {dialect: opnai}",
            "3:16: dialect: expected native or openai, got 'opnai'; did you mean 'openai'?",
        ),
        ("a: {server: own, dialect: native}", "3:29: dialect: one's own server speaks openai only"),
        ("a: {aliases: [b]}\n  b: {}", "4:3: 'b' is a name of 'a' already"),
        ("a: {aliases: x}\n  b: {aliases: [x]}", "4:3: 'x' is a name of 'a' already"),
        ("a: {price: {input: -1}}", "3:22: input: expected roubles per 1000 tokens, got the number -1"),
        ("a: {price: {inputs: 1}}", "3:15: unknown key 'inputs' in 'price'; did you mean 'input'?"),
        ("a: {abilities: [fly]}", "3:19: abilities: expected a list of vision and async, got 'fly'"),
        (
            "a: {context_tokens: many}",
            "3:23: context_tokens: expected a whole number above 0, got 'many'",
        ),
        ("a: {uir: x}", "3:7: unknown key 'uir' in 'models'; did you mean 'uri'?"),
        (
            "a: {uri: x y}",
            "3:12: uri: expected what follows the folder in the model's URI, or a full one, got 'x y'",
        ),
    ],
)
def test_a_mistake_in_the_list_of_models_is_told_with_its_place(desk: Desk, entries: str, told: str) -> None:
    assert desk.told_of(f"kind: models\nmodels:\n  {entries}\n") == [told]


def test_a_list_of_models_is_a_mapping(desk: Desk) -> None:
    assert desk.told_of("kind: models\nmodels: [a]\n") == [
        "2:9: models: expected a mapping from a model's name to what is known of it, got a list of 1"
    ]


def test_mistakes_of_all_kinds_are_told_at_once(desk: Desk) -> None:
    desk.write("a.yaml", "kind: classifier\ntask: t\n")
    desk.write("b.yaml", "kind: image\nseed: x\n")
    desk.write("models.yaml", "models:\n  m: {server: moon}\n")

    assert [problem.partition(":")[0] for problem in desk.told()] == ["a.yaml", "b.yaml", "models.yaml"]


def test_files_of_different_kinds_may_share_a_name(desk: Desk) -> None:
    desk.write("one.yaml", f"name: it\n{SORTS}")
    desk.write("two.yaml", "name: it\nkind: image\n")
    desk.write("three.yaml", "name: it\nsystem: x\n")

    book = desk.loaded()

    assert book.classifier("it")
    assert book.style("it")
    assert "it" in book.names


def test_files_of_one_kind_may_not(desk: Desk) -> None:
    desk.write("a.yaml", SORTS)
    desk.write("b.yaml", f"{SORTS}name: a\n")

    assert desk.told() == [f"b.yaml:4:7: duplicate name 'a': {desk.folder}/a.yaml has it already"]


def test_a_prompt_cannot_extend_what_is_none(desk: Desk) -> None:
    desk.write("sorts.yaml", SORTS)

    assert desk.told_of("extends: sorts\n") == ["1:10: extends: unknown prompt 'sorts'; known: good"]


def test_a_classifier_is_what_its_file_says(desk: Desk) -> None:
    desk.write(
        "it.yaml",
        """
        kind: classifier
        title: {ru: Тон, en: Tone}
        description: {ru: Хвалят или ругают}
        task: Tell the tone
        labels: [good, bad]
        examples:
          - {text: Bravo!, label: good}
        model: yandexgpt
        """,
    )

    classifier = desk.loaded().classifier("it")

    assert classifier
    assert (classifier.title.in_("en"), classifier.description.in_("en")) == ("Tone", "Хвалят или ругают")
    assert classifier.scheme == Scheme(
        ModelChoice("yandexgpt"), "Tell the tone", ("good", "bad"), (Sample("Bravo!", "good"),)
    )


def test_what_a_classifier_leaves_out_is_filled_in(desk: Desk) -> None:
    desk.write("it.yaml", SORTS)
    book = desk.loaded()
    classifier = book.classifier("it")
    assert classifier

    scheme = classifier.with_model("yandexgpt-lite", book.catalogue)

    assert classifier.title.in_("ru") == "it"
    assert (scheme.model.address, scheme.model.label) == ("yandexgpt-lite", "yandexgpt-5-lite")
    assert scheme.labels == ("good", "bad")


def test_a_style_makes_an_order_of_words(desk: Desk) -> None:
    desk.write("it.yaml", "kind: image\ntemplate: '{{ words }}, in {{ language }}'\nratio: '16:9'\n")
    style = desk.loaded().style("it")
    assert style

    order = style.order("a cat", "ru", seed=5, ratio=style.ratio, default_model="art")

    assert order == ImageOrder("a cat, in ru", ModelChoice("art"), 5, Ratio(16, 9))


def test_menus_have_no_hidden_files_and_keep_the_order_of_the_rest(desk: Desk) -> None:
    for name in ("b", "a", "c"):
        desk.write(f"{name}.yaml", f"{SORTS}hidden: {'true' if name == 'b' else 'false'}\n")

    book = desk.loaded()

    assert [one.name for one in book.classifiers()] == ["a", "c"]
    assert book.classifier("b")
    assert book.styles() == ()
    assert book.classifier("d") is None


def test_a_classifier_that_is_saved_is_used_at_once_and_a_broken_one_is_not(desk: Desk) -> None:
    book = desk.loaded()
    assert book.classifiers() == ()

    desk.write("it.yaml", SORTS)
    assert book.refresh()
    assert [one.name for one in book.classifiers()] == ["it"]

    desk.write("it.yaml", "kind: classifier\nlabels: [a]\n")
    assert not book.refresh()
    assert [one.name for one in book.classifiers()] == ["it"]
    assert len(book.problems) == 1


def test_a_folder_without_prompts_is_told_whatever_else_is_in_it(desk: Desk) -> None:
    (desk.folder / "good.yaml").unlink()
    desk.write("it.yaml", SORTS)

    assert [problem.partition(": ")[2] for problem in desk.told()] == [
        "no prompts here: expected files such as assistant.yaml"
    ]


def test_a_person_asks_a_prompt_and_never_a_classifier(desk: Desk) -> None:
    desk.write("it.yaml", SORTS)
    book: PromptBook = desk.loaded()

    facts = book.facts(Person(1, "Anna", "en"), bot_name="Govorun")

    assert book.get("it").ask("?", (), facts, "yandexgpt").system == "Be kind."
