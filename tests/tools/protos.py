"""The outside judge of what is said to Yandex and by its twin: the service's own protos."""

from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message
from yandex.cloud.ai.foundation_models.v1.image_generation import image_generation_service_pb2 as images
from yandex.cloud.ai.foundation_models.v1.text_classification import text_classification_service_pb2 as classes
from yandex.cloud.ai.foundation_models.v1.text_generation import text_generation_service_pb2 as service
from yandex.cloud.iam.v1 import iam_token_service_pb2 as iam
from yandex.cloud.operation import operation_pb2

WrongForm = json_format.ParseError
"""Raised for an unknown field, a wrong type or an unknown name of an enum."""
Body = bytes | str | dict[str, Any]
_M = TypeVar("_M", bound=Message)


def completion_request(body: Body) -> Any:
    """Parse the body of `completion` and `completionAsync` as the service would.

    Raises:
        WrongForm: the service would not understand it.
    """
    return _parsed(body, service.CompletionRequest())


def completion_response(body: Body) -> Any:
    """Parse what stands inside `result`, and in the response of an operation.

    Raises:
        WrongForm: the service would never say this.
    """
    return _parsed(body, service.CompletionResponse())


def tokenize_response(body: Body) -> Any:
    """Parse the answer of the tokenizer; raises as `completion_response`."""
    return _parsed(body, service.TokenizeResponse())


def image_request(body: Body) -> Any:
    """Parse the body of `imageGenerationAsync`; raises as `completion_request`."""
    return _parsed(body, images.ImageGenerationRequest())


def few_shot_request(body: Body) -> Any:
    """Parse the body of `fewShotTextClassification`; raises as `completion_request`."""
    return _parsed(body, classes.FewShotTextClassificationRequest())


def classification_request(body: Body) -> Any:
    """Parse the body of `textClassification`; raises as `completion_request`."""
    return _parsed(body, classes.TextClassificationRequest())


def few_shot_response(body: Body) -> Any:
    """Parse the answer of a classifier by prompt; raises as `completion_response`."""
    return _parsed(body, classes.FewShotTextClassificationResponse())


def classification_response(body: Body) -> Any:
    """Parse the answer of a tuned classifier; raises as `completion_response`."""
    return _parsed(body, classes.TextClassificationResponse())


def token_request(body: Body) -> Any:
    """Parse the body by which a token is asked for; raises as `completion_request`."""
    return _parsed(body, iam.CreateIamTokenRequest())


def token_response(body: Body) -> Any:
    """Parse the answer with a token; raises as `completion_response`."""
    return _parsed(body, iam.CreateIamTokenResponse())


def operation(body: Body) -> Any:
    """Parse an operation; raises as `completion_response`."""
    return _parsed(body, operation_pb2.Operation())


def text_of(done: Any) -> Any:
    """Unpack the answer of an operation."""
    return _unpacked(done, service.CompletionResponse())


def image_of(done: Any) -> Any:
    """Unpack the picture of an operation."""
    return _unpacked(done, images.ImageGenerationResponse())


def _parsed(body: Body, into: _M) -> _M:
    if isinstance(body, dict):
        return json_format.ParseDict(body, into, ignore_unknown_fields=False)
    return json_format.Parse(body, into, ignore_unknown_fields=False)


def _unpacked(done: Any, into: _M) -> _M:
    assert done.response.Unpack(into), f"not what was ordered: {done.response.type_url}"
    return into
