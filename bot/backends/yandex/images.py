"""Pictures by Yandex: YandexART, which draws in its own time, and the newer models, which answer at once.

An order is never repeated here if it may have arrived, because equal orders give, and bill, two pictures.
Source: https://yandex.cloud/en/docs/ai-studio/image-generation/api-ref/ImageGenerationAsync/generate; of the
newer method there is no page yet, so nothing is sent that its users were not seen to send.
"""

import base64
import binascii
from typing import Any

from bot.backends.yandex.operations import Operations, parsed
from bot.backends.yandex.rest import YandexRest
from bot.backends.yandex.wire import model_uri
from bot.errors import OperationLost
from bot.types import Dialect, ImageOrder, Picture, Ratio, mime_type_of

_SIZES = ("1024x1024", "1024x1536", "1536x1024", "1792x1024", "1344x1024")
"""That the newer method was seen to take."""


class YandexImages:
    """The port `ImageBackend`."""

    def __init__(self, rest: YandexRest, operations: Operations, *, api_url: str, openai_url: str) -> None:
        self._rest = rest
        self._operations = operations
        self._native_url = f"{api_url.rstrip('/')}/foundationModels/v1/imageGenerationAsync"
        self._openai_url = f"{openai_url.rstrip('/')}/images/generations"

    async def order(self, order: ImageOrder) -> Picture | str:
        """Order a picture; see `bot.ports.ImageBackend`."""
        if order.model.dialect is Dialect.NATIVE:
            return parsed(await self._rest.post(self._native_url, self._native_body(order))).id
        folder_id = self._rest.account.folder_id
        headers = {"OpenAI-Project": folder_id}
        said = await self._rest.post(self._openai_url, self._openai_body(order), headers)
        return _picture(_first(said.get("data")).get("b64_json"))

    async def outcome(self, operation_id: str) -> Picture | None:
        """Return the picture of an operation; None: it is not ready.

        Raises:
            OperationLost: nobody will ever see the picture.
            BackendError: there will be none; or, if `is_transient`, nobody can tell now: look again.
        """
        operation = await self._operations.finished(operation_id)
        if operation is None:
            return None
        if "image" not in operation.response:
            raise OperationLost("the operation is done and has no picture")
        return _picture(operation.response["image"])

    async def cancel(self, operation_id: str) -> None:
        """Ask the service to give the operation up."""
        await self._operations.cancel(operation_id)

    def _native_body(self, order: ImageOrder) -> dict[str, Any]:
        ratio = {"widthRatio": str(order.ratio.width), "heightRatio": str(order.ratio.height)}
        return {
            "modelUri": self._uri(order),
            "generationOptions": {"mimeType": "image/jpeg", "seed": str(order.seed), "aspectRatio": ratio},
            "messages": [{"weight": "1", "text": order.words}],
        }

    def _openai_body(self, order: ImageOrder) -> dict[str, Any]:
        return {
            "model": self._uri(order),
            "prompt": order.words,
            "size": size_for(order.ratio),
            "response_format": "b64_json",
        }

    def _uri(self, order: ImageOrder) -> str:
        return model_uri(order.model.address, self._rest.account.folder_id, "art")


def size_for(ratio: Ratio) -> str:
    """Return the size whose ratio is the nearest, among those that are known to be taken."""
    wanted = ratio.width / ratio.height

    def distance(size: str) -> float:
        width, height = map(int, size.split("x"))
        has = width / height
        return max(wanted / has, has / wanted)

    return min(_SIZES, key=distance)


def _picture(encoded: Any) -> Picture:
    """Decode a picture, and tell its type by what it is.

    Raises:
        OperationLost: it is none.
    """
    try:
        data = base64.b64decode(encoded, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise OperationLost("the service sent a picture that cannot be decoded") from error
    kind = mime_type_of(data)
    if not kind:
        raise OperationLost("the service sent something that is no picture")
    return Picture(data, kind)


def _first(values: Any) -> dict[str, Any]:
    first = values[0] if isinstance(values, list) and values else {}
    return first if isinstance(first, dict) else {}
