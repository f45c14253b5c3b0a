import aiohttp
import pytest

from bot.sandbox.telegram.server import TelegramServer
from bot.sandbox.telegram.world import TelegramWorld
from tests.unit.sandbox.telegram.api import PERSON, TOKEN, Api

BOLD = [{"type": "bold", "offset": 0, "length": 1}]


@pytest.mark.parametrize(
    ("path", "status", "description"),
    [
        ("/", 404, "Not Found"),
        ("/bot42:abc-DEF", 404, "Not Found"),
        ("/botx/getMe", 401, "Unauthorized: invalid token specified"),
        ("/bot042:a/getMe", 401, "Unauthorized: invalid token specified"),
        ("/bot42:wrong/getMe", 401, "Unauthorized"),
        ("/file/bot42:wrong/a", 401, "Unauthorized"),
        (f"/file/bot{TOKEN}/nothing", 404, "Not Found"),
        (f"/bot{TOKEN}/dance", 404, "Not Found: method not found"),
    ],
)
async def test_a_wrong_way_is_refused(api: Api, path: str, status: int, description: str) -> None:
    async with api.client.get(api.url + path) as answer:
        assert answer.status == status
        assert await answer.json() == {"ok": False, "error_code": status, "description": description}


async def test_methods_are_found_in_any_case(api: Api) -> None:
    for method in ("getMe", "getme", "GETME"):
        assert (await api.result(method))["id"] == 42


async def test_arguments_come_in_every_form(world: TelegramWorld, api: Api) -> None:
    url = f"{api.url}/bot{TOKEN}/sendMessage"
    entities = '[{"type": "bold", "offset": 0, "length": 1}]'
    form = aiohttp.FormData({"chat_id": str(PERSON), "entities": entities}, quote_fields=False)
    form.add_field("text", "c", content_type="text/plain")
    multipart = aiohttp.MultipartWriter("form-data")
    for name, value in {"chat_id": str(PERSON), "text": "d", "entities": entities}.items():
        multipart.append(value).set_content_disposition("form-data", name=name)

    calls = [
        api.client.get(url, params={"chat_id": PERSON, "text": "a", "entities": entities}),
        api.client.post(url, data={"chat_id": str(PERSON), "text": "b", "entities": entities}),
        api.client.post(url, data=form),
        api.client.post(url, data=multipart),
        api.client.post(url, json={"chat_id": PERSON, "text": "e", "entities": BOLD}),
        api.client.post(url, params={"chat_id": PERSON}, json={"text": "f", "entities": entities}),
    ]  # fmt: skip
    for call in calls:
        async with call as answer:
            assert answer.status == 200, await answer.text()

    sent = world.bot_messages(PERSON)
    assert [message["text"] for message in sent] == list("abcdef")
    assert all(message["entities"][0]["type"] == "bold" for message in sent)
    logged = {"chat_id": PERSON, "text": "a", "entities": BOLD}
    assert [call.params for call in world.calls] == [{**logged, "text": text} for text in "abcdef"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [("{", "can't parse request body JSON object"), ("[]", "request body must be a JSON object")],
)
async def test_a_broken_body_is_refused(api: Api, body: str, reason: str) -> None:
    url = f"{api.url}/bot{TOKEN}/getMe"

    async with api.client.post(url, data=body, headers={"Content-Type": "application/json"}) as answer:
        assert (await answer.json())["description"] == f"Bad Request: {reason}"


async def test_an_empty_body_is_fine(api: Api) -> None:
    async with api.client.post(f"{api.url}/bot{TOKEN}/getMe") as answer:
        assert answer.status == 200


async def test_unknown_parameters_are_ignored_but_logged(world: TelegramWorld, api: Api) -> None:
    assert await api.result("getMe", chatid="5", limit="many")

    assert world.calls[-1].params == {"chatid": "5", "limit": "many"}


async def test_after_logging_out_nothing_works(api: Api) -> None:
    assert await api.result("close")
    assert await api.result("logOut")

    assert await api.refusal("getMe") == "Unauthorized"


async def test_a_server_listens_again_on_the_same_port(world: TelegramWorld) -> None:
    async with TelegramServer(world) as first:
        url = first.url
    port = int(url.rpartition(":")[2])

    async with TelegramServer(world, port=port) as second:
        assert second.url == url


async def test_a_server_that_cannot_listen_cleans_up(world: TelegramWorld, server: TelegramServer) -> None:
    port = int(server.url.rpartition(":")[2])

    with pytest.raises(OSError, match="in use"):
        async with TelegramServer(world, port=port):
            pass
