"""Answers that grow, over `POST …/chat/completions`: of Yandex's models and others', and of one's own server.

Sources: https://yandex.cloud/en/docs/ai-studio/concepts/openai-compatibility and
https://platform.openai.com/docs/api-reference/chat-streaming
"""

import httpx

from bot.backends.openai import wire
from bot.backends.openai.askers import Operator, Project
from bot.backends.openai.deltas import Deltas
from bot.backends.openai.thoughts import Sieve
from bot.backends.patience import Patience
from bot.backends.stream import StreamedModel
from bot.backends.yandex.auth import Account
from bot.backends.yandex.wire import model_uri
from bot.types import Ask


class YandexChat(StreamedModel):
    """The `ModelBackend` of all of Yandex's text models, those of others and those that see included."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        account: Account,
        *,
        openai_url: str,
        patience: Patience = Patience(),  # noqa: B008 - a frozen value
    ) -> None:
        super().__init__(client, Project(account), _chat(openai_url), patience)
        self._folder_id = account.folder_id

    def _body(self, ask: Ask) -> bytes:
        return wire.request_body(ask, model_uri(ask.model.address, self._folder_id))

    def _reader(self) -> Deltas:
        return Deltas()


class OwnChat(StreamedModel):
    """The `ModelBackend` of a server of the operator's own: Ollama, vLLM, llama.cpp and the like."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        operator: Operator,
        *,
        url: str,
        patience: Patience = Patience(),  # noqa: B008 - a frozen value
    ) -> None:
        super().__init__(client, operator, _chat(url), patience)

    def _body(self, ask: Ask) -> bytes:
        return wire.request_body(ask, ask.model.address, is_usage_wanted=True)

    def _reader(self) -> Deltas:
        return Deltas(Sieve())


def _chat(url: str) -> str:
    return f"{url.rstrip('/')}/chat/completions"
