"""A real Chromium, one for all tests of the page, and a fresh stage for each of them."""

import shutil
from collections.abc import AsyncIterator
from typing import Any, Self

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, async_playwright

from bot.sandbox.page.routes import build_page
from tests.tools.page_stage import ANNA, Stage
from tests.tools.redis_server import free_port

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_WAIT_MS = 40_000


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The browser of this machine; without one, the tests are skipped."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip("no Chromium on this machine")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=[*_QUIET])
        yield browser
        await browser.close()


class Reader:
    """One open page, and everything it asked for or complained of; `url` is where it is served."""

    def __init__(self, url: str, browser: Browser, **context: Any) -> None:
        self.url = url
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._browser = browser
        self._context = context

    async def __aenter__(self) -> Self:
        context = await self._browser.new_context(**{"locale": "en-GB", **self._context})
        context.set_default_timeout(_WAIT_MS)
        self.page: Page = await context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.page.context.close()

    async def open(self, place: int | str = ANNA) -> None:
        """Load the page at a chat, or where it opens by itself, and wait until it shows something."""
        await self.page.goto("about:blank")
        await self.page.goto(f"{self.url}#{place}")
        await self.page.wait_for_selector("body[data-ready]")

    async def say(self, text: str) -> None:
        """Write a message and send it."""
        await self.page.fill("#text", text)
        await self.page.press("#text", "Enter")

    async def see(self, selector: str, text: str = "") -> None:
        """Wait until an element can be seen, with this text in it if one is given."""
        found = self.page.locator(selector)
        await (found.filter(has_text=text) if text else found).last.wait_for()

    async def miss(self, selector: str) -> None:
        """Wait until no such element can be seen."""
        await self.page.locator(selector).first.wait_for(state="hidden")

    async def text(self, selector: str) -> str:
        """The text of the last such element, as it is shown."""
        return await self.page.locator(selector).last.inner_text()

    async def style(self, selector: str, name: str) -> str:
        """A computed style of the last such element."""
        script = "(node, name) => getComputedStyle(node)[name]"
        return str(await self.page.locator(selector).last.evaluate(script, name))

    def judge(self) -> None:
        """Whoever was asked was the page's own server, and there was nothing to complain of."""
        assert self.complaints == []
        assert all(address.startswith((self.url, "about:blank")) for address in self.requests)


class Visit(Reader):
    """An open page of a stage, in the hands of the test."""

    def __init__(self, stage: Stage, browser: Browser, **context: Any) -> None:
        self.stage = stage
        self._port = free_port()
        self._server = TestServer(build_page(stage.play), port=self._port)
        super().__init__(f"http://127.0.0.1:{self._port}/", browser, **context)

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        return await super().__aenter__()

    async def __aexit__(self, *_: object) -> None:
        await super().__aexit__()
        await self._server.close()

    async def go_away(self) -> None:
        """Let the server die."""
        await self._server.close()

    async def come_back(self) -> None:
        """Serve the page at the same address again."""
        self._server = TestServer(build_page(self.stage.play), port=self._port)
        await self._server.start_server()


@pytest_asyncio.fixture(loop_scope="session")
async def visit(chromium: Browser) -> AsyncIterator[Visit]:
    """An open page of a fresh stage."""
    async with Visit(Stage(), chromium) as opened:
        yield opened
