"""Refusals as HTTP responses, in the shapes that were seen at the service."""

import json
from http import HTTPStatus
from typing import Any

from aiohttp import web

from bot.sandbox.models.faults import Refuse, Shape

_GRPC_OF_HTTP = {400: 3, 401: 16, 403: 7, 404: 5, 429: 8, 500: 13, 501: 12, 503: 14, 504: 4}
_NAMES = {
    400: "InvalidArgument",
    401: "Unauthenticated",
    403: "PermissionDenied",
    404: "NotFound",
    429: "ResourceExhausted",
    500: "Internal",
    503: "Unavailable",
}
_UNKNOWN = 2


def refusal(refuse: Refuse, own: Shape = Shape.STREAMING) -> web.Response:
    """Return the response in the shape of the method unless another one was named.

    `Retry-After` goes along if there is advice.
    """
    shape = refuse.shape or own
    headers = {} if refuse.retry_after_s is None else {"Retry-After": str(refuse.retry_after_s)}
    return web.Response(
        status=refuse.status,
        text=_body(refuse, shape),
        content_type="text/plain" if shape in (Shape.PLAIN, Shape.RPC) else "application/json",
        headers=headers,
    )


def streamed_error(status: int, message: str) -> dict[str, Any]:
    """Return what the native completion says instead of `result`, at once or late."""
    return {
        "error": {
            "grpcCode": _GRPC_OF_HTTP.get(status, _UNKNOWN),
            "httpCode": status,
            "message": message,
            "httpStatus": _reason(status),
            "details": [],
        },
    }


def sent_error(_: int, message: str) -> dict[str, Any]:
    """Return what an OpenAI-compatible stream says when it comes to grief."""
    return {"error": {"error": message}}


def _body(refuse: Refuse, shape: Shape) -> str:
    said: dict[str, Any]
    match shape:
        case Shape.STREAMING:
            said = streamed_error(refuse.status, refuse.message)
        case Shape.UNARY:
            code = _GRPC_OF_HTTP.get(refuse.status, _UNKNOWN)
            said = {"error": refuse.message, "code": code, "message": refuse.message, "details": []}
        case Shape.OPENAI:
            said = {"error": {"message": refuse.message}}
        case Shape.BARE:
            said = {"error": refuse.message}
        case Shape.RPC:
            name = _NAMES.get(refuse.status, "Unknown")
            return f"rpc error: code = {name} desc = {refuse.message}"
        case _:
            return refuse.message
    return json.dumps(said, ensure_ascii=False)


def _reason(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
