"""What an operator sees of a running bot from outside: whether it can do its work, and its figures."""

from collections.abc import Callable, Mapping
from functools import partial

from aiohttp import web

from bot.app.side import Home, here
from bot.errors import StoreError
from bot.health import Check, build_health
from bot.metrics import Metrics
from bot.ports import Witness
from bot.redis_client import Client
from bot.store import store_errors
from bot.types import TurnTrace
from bot.updates.backlog import BacklogView


class View:
    """The state of the start and of the ingress, told by the wiring as it goes, and what was counted.

    `models` is what the model service lacks to be asked; empty: nothing. Everything is asked of the loop in
    which the bot works, by way of `home`, because only there it is known.
    """

    def __init__(self, redis: Client, bot_id: int, *, models: str, home: Home = here) -> None:
        self._home = home
        self.metrics = Metrics()
        self.telegram: Callable[[], str] = lambda: "it has not told yet who the bot is"
        """Returns why Telegram takes no calls; empty: it does."""
        self.ingress: Callable[[], str] = lambda: "it has not begun"
        """Returns why no updates come; empty: they do, or would."""
        self._models = models
        self._redis = redis
        self._backlog = BacklogView(redis, bot_id)

    def application(self) -> web.Application:
        """Return what answers on the bot's port."""
        checks = {name: self._home(check) for name, check in self._checks().items()}
        scrape = self._home(partial(self.metrics.scraped, self._backlog.look))
        return build_health(checks, scrape, alive=self._home(_turns))

    def _checks(self) -> Mapping[str, Check]:
        async def telegram() -> str:
            return self.telegram()

        async def ingress() -> str:
            return self.ingress()

        async def models() -> str:
            return self._models

        return {"redis": self._ping, "telegram": telegram, "ingress": ingress, "models": models}

    async def _ping(self) -> str:
        try:
            with store_errors():
                await self._redis.ping()
        except StoreError as error:
            return str(error)
        return self._redis.episode.trouble  # a server that is full answers this call


async def _turns() -> str:
    return ""


class Witnesses:
    """Several witnesses as one."""

    def __init__(self, *witnesses: Witness) -> None:
        self._witnesses = witnesses

    def turn_ended(self, trace: TurnTrace) -> None:
        """Let each take note."""
        for witness in self._witnesses:
            witness.turn_ended(trace)
