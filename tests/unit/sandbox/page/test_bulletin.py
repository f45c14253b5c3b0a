"""News reach every page, and a page that does not read is let go."""

import json

from bot.sandbox.page.bulletin import Bulletin


async def test_every_listener_hears_the_news() -> None:
    bulletin = Bulletin()

    with bulletin.listen() as first, bulletin.listen() as second:
        bulletin.publish("pace", pace=3)

        assert json.loads(await first.get() or "") == {"kind": "pace", "pace": 3}
        assert json.loads(await second.get() or "") == {"kind": "pace", "pace": 3}


async def test_news_are_written_down_at_once() -> None:
    bulletin, message = Bulletin(), {"text": "before"}

    with bulletin.listen() as news:
        bulletin.publish("message", message=message)
        message["text"] = "after"

        assert "before" in (await news.get() or "")


async def test_a_listener_that_does_not_read_is_sent_away() -> None:
    bulletin = Bulletin(queue_size=2)

    with bulletin.listen() as news:
        for count in range(4):
            bulletin.publish("pace", pace=count)

        assert await news.get() is None
        assert news.empty()


async def test_closing_sends_everyone_away() -> None:
    bulletin = Bulletin()

    with bulletin.listen() as news:
        bulletin.close()

        assert await news.get() is None


def test_whoever_has_left_hears_nothing() -> None:
    bulletin = Bulletin()

    with bulletin.listen() as news:
        pass
    bulletin.publish("pace", pace=1)

    assert news.empty()
