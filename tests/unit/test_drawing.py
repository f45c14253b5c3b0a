"""What pictures cost and whom nobody pays twice: orders, restarts and refusals, with fakes for all rooms."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.drawing import Drawer, Frame, Studio
from bot.errors import (
    AccessDenied,
    BackendError,
    BackendTimeout,
    ConnectionCut,
    ContentFiltered,
    ContextTooLong,
    DeliveryError,
    DeliveryTimeout,
    GovorunError,
    MediaForbidden,
    OperationLost,
    OrderInDoubt,
    Overloaded,
    QuotaExceeded,
    StoreError,
    Unreachable,
    WaitedFor,
)
from bot.promptbook import PromptBook
from bot.running import RunningTurns
from bot.types import (
    Buttons,
    ConversationKey,
    Drawing,
    ImageOrder,
    Person,
    Picture,
    Place,
    Ratio,
    Standing,
    Wish,
    Work,
)
from tests.tools.clock import FakeClock
from tests.tools.parrot_room import Purse

PLACE, ANNA = Place(ConversationKey(42, 1)), Person(1, "Anna", "en")
WISH = Wish("image:1", "a red cat", ANNA, PLACE)
PICTURE = Picture(b"\xff\xd8\xff")
UNHEARD = Overloaded("away", was_unheard=True)


class Painter:
    """An `ImageBackend` that says what it was told to say, one saying for each order and each look."""

    def __init__(self, orders: Iterable[Picture | str | BackendError], looks: Iterable[object] = ()) -> None:
        self.orders, self.looks = list(orders), list(looks)
        self.asked: list[ImageOrder] = []
        self.cancelled: list[str] = []
        self.takes_s = 0.0
        self.is_asked = asyncio.Event()
        self.when_asked: Callable[[], None] = lambda: None

    async def order(self, order: ImageOrder) -> Picture | str:
        self.asked.append(order)
        self.is_asked.set()
        self.when_asked()
        await asyncio.sleep(self.takes_s)
        said = self.orders.pop(0)
        if isinstance(said, BackendError):
            raise said
        return said

    async def outcome(self, operation_id: str) -> Picture | None:
        said = self.looks.pop(0) if self.looks else None
        if isinstance(said, BackendError):
            raise said
        assert said is None or isinstance(said, Picture), operation_id
        return said

    async def cancel(self, operation_id: str) -> None:
        self.cancelled.append(operation_id)


class Notebook:
    """The port `Drawings` in dicts; the first `troubles` notes find Redis away."""

    def __init__(self) -> None:
        self.known: dict[str, Drawing] = {}
        self.pictures: dict[str, Picture] = {}
        self.troubles = 0

    async def find(self, drawing_id: str) -> Drawing | None:
        return self.known.get(drawing_id)

    async def keep(self, drawing: Drawing, picture: Picture | None = None) -> None:
        if self.troubles:
            self.troubles -= 1
            raise StoreError("away")
        if picture:
            self.pictures[drawing.id] = picture
        self.known[drawing.id] = drawing

    async def picture(self, drawing_id: str) -> Picture | None:
        return self.pictures.get(drawing_id)


@dataclass
class Wall:
    """A gallery and its only canvas."""

    error: DeliveryError | None = None
    is_done: bool = False
    silent_for: int = 0
    """How many sentences cannot be said because Telegram wants silence."""
    hung: list[Picture] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def open(self, _place: Place, _person: Person, *, canvas_id: str) -> AsyncIterator["Wall"]:
        assert canvas_id == WISH.drawing_id
        yield self

    async def hang(self, picture: Picture, _caption: str, _buttons: Buttons) -> str:
        if self.error:
            raise self.error
        self.hung.append(picture)
        return "photo"

    async def tell(self, text: str) -> None:
        if self.silent_for:
            self.silent_for -= 1
            raise DeliveryTimeout("flood")
        self.told.append(text)

    async def send_file(self, _place: Place, picture: Picture, *, file_id: str) -> None:
        raise AssertionError(picture, file_id)


def _named(error: GovorunError) -> str:
    return type(error).__name__


FRAME = Frame(lambda _: "", lambda _: (), _named, "stopped")


class Room:
    """The use case with its fakes."""

    def __init__(self, folder: Path, painter: Painter, wall: Wall | None = None) -> None:
        (folder / "assistant.yaml").write_text("system: Hi", "utf-8")
        book = PromptBook(folder)
        book.load()
        self.painter, self.wall = painter, wall or Wall()
        self.drawings, self.accounts, self.clock = Notebook(), Purse(), FakeClock()
        self.running = RunningTurns()
        self.drawer = Drawer(
            prompts=book,
            drawings=self.drawings,
            images=painter,
            gallery=self.wall,
            running=self.running,
            accounts=self.accounts,
            studio=Studio("yandex-art-2.0", ("yandex-art",)),
            clock=self.clock,
            sleep=self.clock.sleep,
        )

    async def draw(self, wish: Wish = WISH) -> None:
        await self.drawer.draw(wish, FRAME)

    @property
    def models(self) -> list[str]:
        return [order.model.label for order in self.painter.asked]


def known(standing: Standing, operation_id: str = "") -> Drawing:
    about = Drawing(WISH.drawing_id, "a red cat", "", ANNA, Ratio(), 7, 1_000_000.0, standing, "yandex-art-2.0")
    return replace(about, operation_id=operation_id)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionCut("cut"),
        BackendTimeout(WaitedFor.WHOLE_ANSWER, 60),
        Overloaded("HTTP 500"),
    ],
    ids=["cut", "late", "broken"],
)
async def test_an_order_that_may_have_arrived_is_repeated_by_nobody(
    tmp_path: Path, error: BackendError
) -> None:
    room = Room(tmp_path, Painter([error]))

    await room.draw()

    assert len(room.models) == 1
    assert room.wall.told == [OrderInDoubt.__name__]


@pytest.mark.parametrize(
    "error", [UNHEARD, QuotaExceeded("429", was_unheard=True), Unreachable("no")], ids=["503", "429", "no way"]
)
async def test_an_order_that_was_not_heard_is_made_again(tmp_path: Path, error: BackendError) -> None:
    room = Room(tmp_path, Painter([error, error, PICTURE]))

    await room.draw()

    assert room.models == ["yandex-art-2.0"] * 3
    assert room.wall.hung == [PICTURE]


async def test_a_model_that_is_denied_is_replaced_and_the_other_one_is_booked(tmp_path: Path) -> None:
    room = Room(tmp_path, Painter([AccessDenied("403"), "fbv1"], [None, PICTURE]))

    await room.draw()

    (expense,) = room.accounts.booked.values()
    assert room.models == ["yandex-art-2.0", "yandex-art"]
    assert (expense.model.label, expense.work, expense.person) == ("yandex-art", Work.IMAGE, ANNA)


async def test_if_all_models_refuse_the_person_reads_why_the_first_did(tmp_path: Path) -> None:
    full = QuotaExceeded("429", was_unheard=True)
    room = Room(tmp_path, Painter([full, full, full, full, AccessDenied("403")]))

    await room.draw()

    assert room.models == [*["yandex-art-2.0"] * 4, "yandex-art"]
    assert room.wall.told == [QuotaExceeded.__name__]


async def test_what_was_refused_while_nobody_could_be_told_is_ordered_again(tmp_path: Path) -> None:
    room = Room(tmp_path, Painter([ContentFiltered("no"), PICTURE]), Wall(silent_for=1))
    with pytest.raises(DeliveryTimeout):
        await room.draw()

    await room.draw()

    assert (room.wall.told, room.wall.hung) == ([], [PICTURE])


async def test_a_picture_that_was_paid_for_and_cannot_be_read_is_not_ordered_again(tmp_path: Path) -> None:
    room = Room(tmp_path, Painter([OperationLost("no picture")]), Wall(silent_for=1))
    with pytest.raises(DeliveryTimeout):
        await room.draw()

    await room.draw()

    assert (len(room.models), room.wall.told) == (1, [OrderInDoubt.__name__])


async def test_what_ethics_refuse_no_other_model_is_asked_for(tmp_path: Path) -> None:
    room = Room(tmp_path, Painter([ContentFiltered("no")]))

    await room.draw()

    assert (len(room.models), room.wall.told) == (1, [ContentFiltered.__name__])
    assert room.accounts.booked == {}


async def test_too_many_words_are_refused_before_anything_is_sent(tmp_path: Path) -> None:
    room = Room(tmp_path, Painter([]))

    await room.draw(replace(WISH, words="к" * 501))

    assert (room.models, room.wall.told) == ([], [ContextTooLong.__name__])


@pytest.mark.parametrize(
    ("drawing", "looks", "told", "hung"),
    [
        (known(Standing.ORDERING), [], [OrderInDoubt.__name__], []),
        (known(Standing.ORDERED, operation_id="fbv1"), [None, PICTURE], [], [PICTURE]),
        (known(Standing.OVER), [], [], []),
    ],
    ids=["ordering", "ordered", "over"],
)
async def test_whoever_takes_it_up_again_orders_nothing(
    tmp_path: Path, drawing: Drawing, looks: list[object], told: list[str], hung: list[Picture]
) -> None:
    room = Room(tmp_path, Painter([], looks))
    room.drawings.known[drawing.id] = drawing

    await room.draw()

    assert (room.models, room.wall.told, room.wall.hung) == ([], told, hung)


async def test_a_picture_that_an_attempt_could_not_book_is_booked_by_the_next(tmp_path: Path) -> None:
    room = Room(tmp_path, Painter([], [PICTURE]))
    drawing = known(Standing.ORDERED, operation_id="fbv1")
    room.drawings.known[drawing.id] = drawing

    await room.draw()

    assert list(room.accounts.booked) == [drawing.id]


async def test_a_picture_is_booked_once_also_if_the_accounts_were_away(tmp_path: Path) -> None:
    room = Room(tmp_path, Painter(["fbv1"], [PICTURE]))
    room.accounts.troubles = 1

    await room.draw()

    assert len(room.accounts.booked) == 1


async def test_the_id_of_an_operation_is_written_down_however_long_that_takes(tmp_path: Path) -> None:
    room = Room(tmp_path, Painter(["fbv1"], [PICTURE]))

    room.painter.when_asked = lambda: setattr(room.drawings, "troubles", 5)

    await room.draw()

    assert (len(room.models), room.wall.hung) == (1, [PICTURE])
    assert room.drawings.known[WISH.drawing_id].operation_id == "fbv1"


async def test_a_picture_is_looked_for_even_if_its_time_was_over_before_anybody_could(tmp_path: Path) -> None:
    room = Room(tmp_path, Painter([], [Unreachable("no"), None, PICTURE]))
    drawing = replace(known(Standing.ORDERED, operation_id="fbv1"), ordered_at=0.0)
    room.drawings.known[drawing.id] = drawing

    await room.draw()

    assert room.wall.hung == [PICTURE]


async def test_a_look_that_fails_is_made_again(tmp_path: Path) -> None:
    looks = [Overloaded("nobody can tell"), Unreachable("no"), UNHEARD, PICTURE]
    room = Room(tmp_path, Painter(["fbv1"], looks))

    await room.draw()

    assert room.wall.hung == [PICTURE]


async def test_a_process_that_stops_learns_the_id_of_what_it_was_ordering(tmp_path: Path) -> None:
    room = Room(tmp_path, Painter(["fbv1"]))
    room.painter.takes_s = 0.1
    drawing = asyncio.create_task(room.draw())
    await room.painter.is_asked.wait()

    drawing.cancel()
    await asyncio.wait({drawing})

    assert drawing.cancelled()
    assert room.drawings.known[WISH.drawing_id].standing is Standing.ORDERED


async def test_a_chat_that_takes_no_pictures_is_told_so(tmp_path: Path) -> None:
    room = Room(tmp_path, Painter([PICTURE]), Wall(MediaForbidden("no rights")))

    await room.draw()

    assert room.wall.told == [MediaForbidden.__name__]
