import asyncio
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.classifying import Classifications, Pile, Rules
from bot.errors import BackendError, ConfigError, ContentFiltered, Overloaded, Rejected, Unreachable
from bot.history import ChatState, RedisVerdicts
from bot.presses import tag_of
from bot.promptbook import PromptBook
from bot.running import RunningTurns
from bot.types import Scheme, Verdict, Work
from tests.tools.parrot_room import ANNA, HERE, Purse
from tests.tools.replies import WrittenReplies, WrittenReply

CLASSIFIER = "kind: classifier\ntitle: Fruit\ntask: Name it\nlabels: [apple, pear]\nmodel: yandexgpt-lite\n"
MANY = tuple(f"text {number}" for number in range(6))


class Judge:
    """Gives every text the same verdict, unless it was told to raise."""

    def __init__(self, **errors: BackendError) -> None:
        self.asked: list[str] = []
        self.errors = errors
        self.gate: asyncio.Event | None = None

    async def classify(self, text: str, scheme: Scheme, *, asker_id: int = 0) -> Verdict:
        assert (scheme.labels, asker_id) == (("apple", "pear"), ANNA.user_id)
        self.asked.append(text)
        if self.gate:
            await self.gate.wait()
        if error := self.errors.get(text.replace(" ", "_")):
            raise error
        return Verdict((("apple", 0.25), ("pear", 0.75)), 7, "v1")


class Bench:
    """The use case between a real Redis, a judge and replies that are written down."""

    def __init__(self, redis: Redis, folder: Path, judge: Judge) -> None:
        (folder / "fruit.yaml").write_text(CLASSIFIER, "utf-8")
        (folder / "good.yaml").write_text("system: Be kind.\n", "utf-8")
        book = PromptBook(folder, "good")
        book.load()
        self.judge, self.replies, self.purse, self.running = judge, WrittenReplies(), Purse(), RunningTurns()
        self.verdicts = RedisVerdicts(redis, 42)
        self.use_case = Classifications(
            prompts=book,
            classifier=judge,
            verdicts=self.verdicts,
            choices=ChatState(redis),
            replies=self.replies,
            running=self.running,
            rules=Rules(most_characters=50),
            accounts=self.purse,
        )

    async def classify(self, *texts: str, pile_id: str = "1", is_list: bool | None = None) -> WrittenReply:
        is_list = len(texts) > 1 if is_list is None else is_list
        await self.use_case.classify(Pile(pile_id, texts, "fruit", ANNA, HERE, is_list, "basket.txt"))
        return self.replies.opened[pile_id]


@pytest.fixture
def judge() -> Judge:
    return Judge()


@pytest.fixture
def bench(redis: Redis, tmp_path: Path, judge: Judge) -> Bench:
    return Bench(redis, tmp_path, judge)


async def test_one_text_gets_its_verdict_as_text(bench: Bench) -> None:
    reply = await bench.classify("it is green")

    assert reply.file is None
    assert "**pear**" in reply.text
    assert "75" in reply.text


async def test_a_list_comes_back_as_a_table_and_each_text_is_booked_once(bench: Bench) -> None:
    reply = await bench.classify(*MANY, MANY[0])

    assert reply.file is not None
    rows = reply.file.content.decode("utf-8-sig").splitlines()
    assert rows[:2] == ["text,label,confidence,apple,pear", "text 0,pear,0.7500,0.2500,0.7500"]
    assert (len(rows), reply.file.name) == (8, "basket-fruit.csv")
    assert sorted(bench.judge.asked) == sorted(MANY)
    assert {expense.work for expense in bench.purse.booked.values()} == {Work.CLASSIFICATION}
    assert len(bench.purse.booked) == 6


async def test_progress_is_shown(bench: Bench) -> None:
    reply = await bench.classify(*MANY)

    assert any("3 of 6" in frame for frame in reply.frames)


async def test_a_pile_that_broke_off_goes_on_where_it_was(bench: Bench) -> None:
    await bench.verdicts.begin("1", "fruit")
    bench.judge.errors["text_3"] = Unreachable("no route")
    await bench.classify(*MANY)
    asked, bench.judge.asked = set(bench.judge.asked) - {"text 3"}, []
    del bench.judge.errors["text_3"]
    bench.replies.opened.clear()

    await bench.classify(*MANY)

    assert not asked & set(bench.judge.asked)


async def test_what_was_found_is_delivered_when_the_rest_fails(bench: Bench) -> None:
    bench.judge.errors["text_5"] = Overloaded("busy")

    reply = await bench.classify(*MANY)

    assert reply.text.startswith("⚠️")
    assert reply.file is not None
    assert "text 0" in reply.file.content.decode("utf-8-sig")


async def test_a_text_that_the_service_refuses_does_not_spoil_the_others(bench: Bench) -> None:
    bench.judge.errors["text_4"] = ContentFiltered("no")

    reply = await bench.classify(*MANY)

    assert "did not take: 1" in reply.text
    assert reply.file is not None
    assert "text 4,,,," in reply.file.content.decode("utf-8-sig")


async def test_a_service_that_refuses_everything_is_told_in_one_sentence(bench: Bench) -> None:
    bench.judge.errors.update({text.replace(" ", "_"): Rejected("no") for text in MANY})

    reply = await bench.classify(*MANY)

    assert isinstance(reply.error, Rejected)
    assert len(bench.judge.asked) <= 5


async def test_a_text_that_is_too_long_is_not_asked_about(bench: Bench) -> None:
    reply = await bench.classify("short", "x" * 51)

    assert bench.judge.asked == ["short"]
    assert "did not take: 1" in reply.text


@pytest.mark.parametrize("texts", [MANY, MANY[:1]])
async def test_stop_ends_it_and_delivers_what_there_is(bench: Bench, texts: tuple[str, ...]) -> None:
    bench.judge.gate = asyncio.Event()
    working = asyncio.create_task(bench.classify(*texts))
    while not bench.judge.asked:  # noqa: ASYNC110 - the judge is watched from outside
        await asyncio.sleep(0.01)

    growing = await bench.running.growing_in(HERE.conversation)
    assert growing is not None
    assert growing.tag == tag_of("1")
    assert await bench.running.stop(HERE.conversation, growing)
    reply = await working

    assert reply.file is None
    assert ("Stopped" in reply.text) is (len(texts) > 1)


async def test_a_classifier_that_is_gone_is_replaced_by_the_first_one(bench: Bench) -> None:
    await bench.use_case.classify(Pile("1", ("it",), "gone", ANNA, HERE))

    assert bench.judge.asked == ["it"]


async def test_without_any_classifier_nothing_is_asked(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "fruit.yaml").unlink()

    with pytest.raises(ConfigError):
        await bench.classify("it")


async def test_people_choose_among_those_that_are_offered(bench: Bench) -> None:
    use_case, here = bench.use_case, HERE.conversation

    assert await use_case.choose(here, "vegetables") is None
    assert await use_case.choose(here, "fruit") is not None
    chosen = await use_case.in_use(here)

    assert chosen is not None
    assert chosen.name == "fruit"
