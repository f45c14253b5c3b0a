"""The use case of pictures: from the words of a person to the photo, through any number of restarts.

An order costs money and may take minutes. So it is written down before it is made, and the id of its operation
before anything else is done: whoever takes the update up again goes on waiting and orders nothing.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

from bot import errors
from bot.errors import (
    BackendError,
    BackendTimeout,
    ChatGone,
    ConfigError,
    ContextTooLong,
    DeliveryError,
    DeliveryTimeout,
    GovorunError,
    OperationLost,
    OrderInDoubt,
    StoreError,
    WaitedFor,
)
from bot.ports import Accounts, Canvas, Drawings, Gallery, ImageBackend, StyleChoices
from bot.presses import tag_of
from bot.promptbook import PromptBook, Style
from bot.running import Growing, RunningTurns, StopSwitch
from bot.tasks import put_down
from bot.types import (
    Buttons,
    Dialect,
    Drawing,
    Expense,
    ImageOrder,
    ModelChoice,
    Picture,
    Ratio,
    Standing,
    Wish,
    Work,
)

log = structlog.get_logger(__name__)

LARGEST_SEED = 2**31 - 1
_PAUSES_S = (0.5, 1.0, 2.0)
"""Between attempts to order what surely was not ordered."""
_SLOWER = 1.2
"""By how much the pauses between two looks grow."""
_LONGEST_LOOK_S = 15.0
_COMMIT_PAUSES_S = (0.2, *(1.0,) * 30)
_FAREWELL_S = 3.0
"""How long an order under way is waited for when its process stops: known by its id, it can be taken up."""
_ASKS_ANOTHER = (errors.AccessDenied, errors.UnknownModel, errors.Unreachable, errors.Overloaded)
"""Of one model; nothing was drawn, and another one may draw."""
_LATE_LOOKS_S = 60.0
"""How long a picture is still looked for when its time was over before anybody could look."""


@dataclass(frozen=True, slots=True)
class Studio:
    """How pictures are drawn if a style does not say, and how long anybody waits for one."""

    default_model: str
    fallbacks: tuple[str, ...] = ()
    most_characters: int = 500
    timeout_s: float = 600
    look_s: float = 2


@dataclass(frozen=True, slots=True)
class Frame:
    """What is written and drawn around a picture, in the language of a person."""

    caption: Callable[[Drawing], str]
    buttons: Callable[[Drawing], Buttons]
    sentence: Callable[[GovorunError], str]
    stopped: str


@dataclass(frozen=True, slots=True)
class Atelier:
    """Who draws, what was drawn, in which styles, and where it is shown."""

    drawer: "Drawer"
    drawings: Drawings
    styles: StyleChoices
    gallery: Gallery


class Drawer:
    """Draws what people wish; one object for all conversations."""

    def __init__(  # noqa: PLR0913 - the one place where the rooms of pictures meet
        self,
        *,
        prompts: PromptBook,
        drawings: Drawings,
        images: ImageBackend,
        gallery: Gallery,
        running: RunningTurns,
        accounts: Accounts,
        studio: Studio,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._prompts = prompts
        self._drawings = drawings
        self._images = images
        self._gallery = gallery
        self._running = running
        self._accounts = accounts
        self._studio = studio
        self._clock = clock
        self._sleep = sleep
        self._dice = dice

    async def draw(self, wish: Wish, frame: Frame) -> None:
        """Show the picture, or say why there is none; returns when either has arrived.

        Raises:
            StoreError: Redis was away before anything was ordered.
            DeliveryError: Telegram does not take what is to be shown.
        """
        known = await self._drawings.find(wish.drawing_id)
        async with self._gallery.open(wish.place, wish.person, canvas_id=wish.drawing_id) as canvas:
            if canvas.is_done or (known and known.standing is Standing.OVER):
                log.info("drawn before")
                return
            try:
                await self._play(wish, known, canvas, frame)
            except (DeliveryTimeout, ChatGone):
                raise  # nobody can be told
            except (BackendError, ConfigError, DeliveryError) as error:
                log.warning("picture failed", error=f"{type(error).__name__}: {error}")
                if isinstance(error, ContextTooLong):
                    error.most_characters = self._studio.most_characters
                await canvas.tell(frame.sentence(error))
                await self._give_up(wish)

    async def original(self, drawing: Drawing) -> Picture | None:
        """Return the picture as it was drawn, which is kept for a while, here or by the service; or None."""
        try:
            if drawing.operation_id:
                return await self._images.outcome(drawing.operation_id)
            return await self._drawings.picture(drawing.id)
        except (BackendError, StoreError) as error:
            log.info("the picture is not kept as it was drawn", error=str(error))
            return None

    async def _play(self, wish: Wish, known: Drawing | None, canvas: Canvas, frame: Frame) -> None:
        growing = Growing(wish.person.user_id, tag_of(wish.drawing_id))
        async with self._running.stoppable(wish.place.conversation, growing) as switch:
            begun = known if known and known.standing is not Standing.REFUSED else None
            drawing = begun or await self._ordered(wish, switch)
            picture = await self._awaited(drawing)
        if switch.is_pressed:
            await canvas.tell(frame.stopped)
            await self._stop(wish)
            return
        drawing = await self._drawings.find(wish.drawing_id) or drawing
        photo_id = await canvas.hang(picture, frame.caption(drawing), frame.buttons(drawing))
        await self._insist(replace(drawing, standing=Standing.OVER, photo_id=photo_id))
        await self._book(drawing)  # once more, for an attempt that died before it could, or found Redis away

    async def _ordered(self, wish: Wish, switch: StopSwitch) -> Drawing:
        """Order it of the first model that takes the order; a stop waits until it is known what was ordered."""
        order = self._order(wish)
        ordering = asyncio.ensure_future(self._order_of_any(wish, order))
        try:
            return await asyncio.shield(ordering)
        except asyncio.CancelledError:
            await asyncio.wait({ordering}, timeout=None if switch.is_pressed else _FAREWELL_S)
            await put_down(ordering)
            raise

    def _order(self, wish: Wish) -> ImageOrder:
        self._prompts.refresh()
        style = self._prompts.style(wish.style)
        if style is None:
            order = ImageOrder(wish.words, ModelChoice(""), self._seed(wish, None), wish.ratio or Ratio())
        else:
            order = style.order(
                wish.words,
                wish.person.language,
                seed=self._seed(wish, style),
                ratio=wish.ratio or style.ratio,
                default_model="",
            )
        if len(order.words) > self._studio.most_characters:
            raise ContextTooLong(f"{len(order.words)} characters for a picture")
        return replace(order, model=self._prompts.catalogue.choice(self._with_default(order.model)))

    def _with_default(self, model: ModelChoice) -> ModelChoice:
        if model.name:
            return model
        others = model.fallbacks or tuple(map(ModelChoice, self._studio.fallbacks))
        return replace(model, name=self._studio.default_model, fallbacks=others)

    def _seed(self, wish: Wish, style: Style | None) -> int:
        return wish.seed or (style.seed if style else None) or 1 + int(self._dice() * (LARGEST_SEED - 1))

    async def _order_of_any(self, wish: Wish, order: ImageOrder) -> Drawing:
        """Order; if no model takes it, the error is that of the model that was asked for."""
        told: BackendError | None = None
        for model in (order.model, *order.model.fallbacks):
            try:
                return await self._order_of(wish, replace(order, model=model))
            except _ASKS_ANOTHER as error:
                told = told or error
                log.warning("no picture by this model", model=model.label, error=str(error))
        raise told or AssertionError("there is at least one model")

    async def _order_of(self, wish: Wish, order: ImageOrder) -> Drawing:
        drawing = Drawing(
            id=wish.drawing_id,
            words=wish.words,
            style=wish.style,
            person=wish.person,
            ratio=order.ratio,
            seed=order.seed,
            ordered_at=self._clock(),
            model=order.model.label,
            is_seeded=order.model.dialect is Dialect.NATIVE,
        )
        await self._drawings.keep(drawing)
        try:
            said = await self._order_once(order)
        except (OrderInDoubt, OperationLost):  # it may have been paid for
            raise
        except BackendError:
            # Else whoever takes the wish up again could not know that nothing was ordered.
            with suppress(StoreError):
                await self._drawings.keep(replace(drawing, standing=Standing.REFUSED))
            raise
        if isinstance(said, Picture):
            drawing = replace(drawing, standing=Standing.DRAWN)
            await self._insist(drawing, said)
        else:
            drawing = replace(drawing, standing=Standing.ORDERED, operation_id=said)
            await self._insist(drawing)
        await self._book(drawing)
        return drawing

    async def _book(self, drawing: Drawing) -> None:
        """Write down what the picture costs; the second time it changes nothing."""
        model = self._prompts.catalogue.choice(ModelChoice(drawing.model))
        about = drawing.style or "image"
        with suppress(StoreError):
            expense = Expense(drawing.person, about, model, Work.IMAGE, drawing.ordered_at)
            await self._accounts.book(expense, expense_id=drawing.id)

    async def _order_once(self, order: ImageOrder) -> Picture | str:
        """Order; repeat only what the service surely has not taken.

        Raises:
            OrderInDoubt: it may have.
        """
        for pause_s in (*_PAUSES_S, None):
            try:
                return await self._images.order(order)
            except BackendError as error:
                if error.is_doubtful:
                    raise OrderInDoubt(str(error)) from error
                if pause_s is None or not error.was_unheard:
                    raise
                await self._sleep(pause_s * (0.5 + self._dice()))
        raise AssertionError("the last attempt returns or raises")

    async def _awaited(self, drawing: Drawing) -> Picture:
        """Wait for a picture that was ordered, perhaps by an attempt that died."""
        match drawing.standing:
            case Standing.ORDERED:
                return await self._looked_for(drawing)
            case Standing.DRAWN if picture := await self._drawings.picture(drawing.id):
                return picture
            case Standing.ORDERING:
                raise OrderInDoubt("the bot died while it ordered this")
        raise OperationLost("the picture was drawn, and is not kept any more")

    async def _looked_for(self, drawing: Drawing) -> Picture:
        pause_s, timeout_s = self._studio.look_s, self._studio.timeout_s
        deadline = max(drawing.ordered_at + timeout_s, self._clock() + min(timeout_s, _LATE_LOOKS_S))
        while True:
            try:
                if picture := await self._images.outcome(drawing.operation_id):
                    return picture
            except BackendError as error:
                if not error.is_transient:
                    raise
                log.info("operation not seen", error=str(error))
            if self._clock() + pause_s > deadline:
                raise BackendTimeout(WaitedFor.OPERATION, timeout_s)
            await self._sleep(pause_s)
            pause_s = min(pause_s * _SLOWER, _LONGEST_LOOK_S)

    async def _stop(self, wish: Wish) -> None:
        """Let the service know, if it draws: whether it stops, and what it bills, it does not say."""
        drawing = await self._drawings.find(wish.drawing_id)
        if drawing and drawing.operation_id:
            with suppress(BackendError):
                await self._images.cancel(drawing.operation_id)
        await self._give_up(wish)

    async def _give_up(self, wish: Wish) -> None:
        with suppress(StoreError):
            if drawing := await self._drawings.find(wish.drawing_id):
                await self._drawings.keep(replace(drawing, standing=Standing.OVER))

    async def _insist(self, drawing: Drawing, picture: Picture | None = None) -> None:
        """Write down what cannot be asked for again, insisting for a while."""
        for pause_s in (*_COMMIT_PAUSES_S, None):
            try:
                await self._drawings.keep(drawing, picture)
            except StoreError as error:
                if pause_s is None:
                    log.error("drawing not written down", error=str(error))  # noqa: TRY400 - an episode, not a bug
                else:
                    await self._sleep(pause_s)
            else:
                return
