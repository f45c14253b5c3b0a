"""What the pretended service knows, allows and leaves open: whatever no document tells is a field here.

Sources: the service's pages on models and limits, April 2026. Names of quotas that were never seen are ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.sandbox.models.faults import Refuse, Shape

_OWN_MODELS = frozenset(
    {"yandexgpt", "yandexgpt-lite", "yandexgpt-5.1", "yandexgpt-5-pro", "yandexgpt-5-lite", "aliceai-llm"},
)
_NOT_FOUND = Refuse(404, "operation not found")
_MINUTE_S, _HOUR_S, _DAY_S = 60.0, 3600.0, 86400.0


class Unacceptable(Exception):
    """The request is not taken; `answer` says how the service would put it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.answer = Refuse(status, message)


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in so many seconds, over some methods together."""

    methods: frozenset[str]
    allowed: int
    per_s: float
    quota: str
    """As the refusal calls it."""


DOCUMENTED_RATES = (
    Rate(frozenset({"completionAsync"}), 10, 1.0, "ai.textGenerationAsyncRequestsPerSecond.rate"),
    Rate(frozenset({"completionAsync"}), 5000, _HOUR_S, "ai.textGenerationAsyncRequestsPerHour.rate"),
    Rate(frozenset({"operations"}), 50, 1.0, "ai.operationRequestsPerSecond.rate"),
    Rate(frozenset({"tokenize", "tokenizeCompletion"}), 50, 1.0, "ai.tokenizeRequestsPerSecond.rate"),
    Rate(
        frozenset({"fewShotTextClassification", "textClassification"}),
        1,
        1.0,
        "ai.textClassificationRequestsPerSecond.rate",
    ),
    Rate(
        frozenset({"imageGenerationAsync", "images/generations"}),
        500,
        _MINUTE_S,
        "ai.imageGenerationRequestsPerMinute.rate",
    ),
    Rate(
        frozenset({"imageGenerationAsync", "images/generations"}),
        5000,
        _DAY_S,
        "ai.imageGenerationRequestsPerDay.rate",
    ),
)
"""What a new folder is allowed: give it to `Rules(rates=…)`, whole or in part."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the service knows and allows. Models are named without folder, branch and tuning suffix."""

    iam_token: str = "t1.stand-in"  # noqa: S105 - opens the twin alone
    """One that is good for ever, besides those that are issued."""
    models: frozenset[str] = _OWN_MODELS
    """Yandex's own text models; empty: every name is known, by all methods."""
    foreign_models: frozenset[str] = frozenset(
        {
            "aliceai-llm-flash",
            "deepseek-v32",
            "deepseek-v4-flash",
            "gemma-3-27b-it",
            "gpt-oss-120b",
            "gpt-oss-20b",
            "qwen3-235b-a22b-fp8",
            "qwen3.5-35b-a3b-fp8",
            "qwen3.6-35b-a3b",
        }
    )
    """Text models that only the OpenAI-compatible methods know."""
    seeing_models: frozenset[str] = frozenset({"gemma-3-27b-it", "qwen3.6-35b-a3b"})
    thinking_models: frozenset[str] = frozenset({"gpt-oss-120b", "gpt-oss-20b"})
    """Those that tell their thoughts, in `reasoning_content`; which ones do is not known."""
    classifier_models: frozenset[str] = frozenset({"yandexgpt", "yandexgpt-lite"})
    tuned_labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The labels of tuned classifiers by their suffixes; others have two labels of ours."""
    image_models: frozenset[str] = frozenset({"yandex-art", "yandex-art-2.0"})
    """Those of the native method."""
    new_image_models: frozenset[str] = frozenset({"aliceai-image-art-3.0", "yandex-art-2.0"})
    """Those of `images/generations`."""
    denied_models: frozenset[str] = frozenset()
    """Known, but not for us."""

    concurrent_generations: int = 10
    """The quota, over the native completion and the chat together; 0: none."""
    rates: tuple[Rate, ...] = ()
    context_tokens: int = 32768
    foreign_context_tokens: int = 131072

    text_kept_s: float = 3 * _DAY_S
    """How long a finished operation is known; so is the next one."""
    image_kept_s: float = 12 * _HOUR_S
    unknown_operation: Refuse = _NOT_FOUND
    """What is said of an operation that is not known or not any more: nobody has seen it."""
    is_cancel_heeded: bool = True
    """Whether a cancelled operation ends at once, in an error; what the service does is not known."""

    image_sizes: Mapping[str, tuple[int, int]] = field(
        default_factory=lambda: {"1792x1024": (1344, 768), "1024x1536": (832, 1280)}
    )
    """Sizes that are drawn otherwise than asked for; others are drawn as asked."""

    is_strict: bool = True
    """Whether unknown fields are refused by the native methods; what the service does is not known."""
    content_type: str = "application/json"
    """Of the native stream; what the service sends is not known."""
    openai_shapes: Mapping[int, Shape] = field(default_factory=lambda: {401: Shape.RPC})
    """Statuses that the OpenAI-compatible methods put otherwise than `{"error": {…}}`."""
    blind_status: int = 400
    """Of the refusal of pictures by a model that cannot see; only the sentence is known."""
    takes_picture_links: bool = False
    """Whether `image_url` may be an http address; the picture is never fetched."""
