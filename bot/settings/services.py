"""The services that the bot speaks to: their addresses, its credentials, and for how long it waits."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, SecretStr

from bot.settings.concern import Concern, Names, Url, WebhookSecret, WebhookUrl


class Delivery(StrEnum):
    """How updates come."""

    POLLING = "polling"
    WEBHOOK = "webhook"


class Telegram(Concern):
    """The Bot API server, how updates come from it, and how fast we may speak to it."""

    token: SecretStr = SecretStr("")
    api_url: Url = "https://api.telegram.org"
    delivery: Delivery = Delivery.POLLING
    webhook_url: WebhookUrl | None = None
    """Where Telegram delivers to; its path is served on `http.host` and `http.port`."""
    webhook_secret: WebhookSecret | None = None
    lease_s: PositiveFloat = 6
    """After a replica that polled has died, another one polls within this time and a sixth of it."""
    poll_timeout_s: int = Field(default=25, ge=0, le=50)
    request_timeout_s: PositiveFloat = 30
    calls_per_second: NonNegativeFloat = 30
    """Over all chats; 0: no limit."""

    def missing(self) -> Iterator[str]:
        """Yield what is not set and has to be before updates can come."""
        if not self.token.get_secret_value():
            yield "TELEGRAM__TOKEN: the bot's token is missing; @BotFather gives one"
        if self.delivery is Delivery.WEBHOOK and not self.webhook_url:
            yield "TELEGRAM__WEBHOOK_URL: the public address is missing, as https://bot.example.org/telegram"
        if self.delivery is Delivery.WEBHOOK and not self.webhook_secret:
            yield "TELEGRAM__WEBHOOK_SECRET: a long random word is missing, by which we know Telegram"


class Yandex(Concern):
    """Credentials, address and patience for Yandex Foundation Models."""

    folder_id: str = ""
    api_key: SecretStr | None = None
    iam_token: SecretStr | None = None
    key_file: Path | None = None
    """The authorized key of a service account, as `yc iam key create` writes it."""
    use_metadata: bool = False
    """Whether the virtual machine that the bot runs on has a service account."""
    api_url: Url = "https://llm.api.cloud.yandex.net"
    operations_url: Url = "https://operation.api.cloud.yandex.net"
    openai_url: Url = "https://ai.api.cloud.yandex.net/v1"
    iam_url: Url = "https://iam.api.cloud.yandex.net"
    metadata_url: Url = "http://169.254.169.254"
    model: str = "yandexgpt/latest"
    """For prompts that name none."""
    image_model: str = "aliceai-image-art-3.0"
    """For styles that name none."""
    image_fallback: Names = ("yandex-art-2.0", "yandex-art")
    """Models that draw if that one refuses the order: not every folder has the same."""
    image_characters: PositiveInt = 500
    """That the service takes for one picture."""
    classifier_model: str = "yandexgpt-lite"
    """For classifiers that name none."""
    concurrent_generations: NonNegativeInt = 10
    """Answers that the service writes at once, for all replicas together; 0: no limit."""
    classifications_per_second: NonNegativeFloat = 1
    """For all replicas together; 0: no limit."""
    most_texts: PositiveInt = 1000
    """To be classified in one go."""
    most_text_characters: PositiveInt = 10_000
    """Of each; the service counts tokens, and its limits differ between models."""
    most_texts_kb: int = Field(default=1000, gt=0, le=20_000)
    """Of a file with texts; Telegram hands bots over no more than 20 MB."""
    is_data_logged: bool = False
    """Whether the service may keep requests to improve itself."""
    connect_timeout_s: PositiveFloat = 10
    first_piece_timeout_s: PositiveFloat = 30
    reasoning_timeout_s: PositiveFloat = 180
    """Before the first piece of a prompt with `reasoning`."""
    piece_timeout_s: PositiveFloat = 20
    answer_timeout_s: PositiveFloat = 300
    request_timeout_s: PositiveFloat = 60
    """For whatever is answered at once and whole: classifications, orders, looks at operations."""
    line_timeout_s: PositiveFloat = 300
    """In the line of those who wait for one of the `concurrent_generations`, or to have a text classified."""
    image_timeout_s: PositiveFloat = 600
    """For a picture, from its order."""
    image_poll_s: PositiveFloat = 2
    later_poll_s: PositiveFloat = 10
    """Between two looks at an answer of `mode: async`."""
    later_timeout_h: PositiveFloat = 72
    """For such an answer, from its order: the service keeps it for three days."""

    @property
    def is_wanted(self) -> bool:
        """Whether anything of an account is set, so that the rest must not be missing."""
        return bool(self.folder_id) or self._has_credentials

    @property
    def _has_credentials(self) -> bool:
        return bool(self.api_key or self.iam_token or self.key_file or self.use_metadata)

    def missing(self) -> Iterator[str]:
        """Yield what is not set and has to be before a request can be sent."""
        if not self.folder_id:
            yield "YANDEX__FOLDER_ID: the id of a folder in Yandex Cloud is missing"
        if not self._has_credentials:
            yield (
                "YANDEX__API_KEY: the key of a service account is missing "
                "(or YANDEX__IAM_TOKEN, YANDEX__KEY_FILE, YANDEX__USE_METADATA)"
            )


class OpenAi(Concern):
    """Any other server that speaks the OpenAI-compatible dialect: Ollama, vLLM, llama.cpp."""

    url: Url | None = None
    """With the version, as `http://localhost:11434/v1`."""
    api_key: SecretStr | None = None
    model: str = ""
    """For prompts that name none, if there is no account at Yandex."""
    connect_timeout_s: PositiveFloat = 10
    first_piece_timeout_s: PositiveFloat = 120
    """Longer than at Yandex, as all the next ones, because the model may have to be loaded first."""
    reasoning_timeout_s: PositiveFloat = 300
    piece_timeout_s: PositiveFloat = 60
    answer_timeout_s: PositiveFloat = 900


class Redis(Concern):
    """The store; without a url the bot runs its own server in `dir`."""

    url: SecretStr | None = None
    dir: Path = Path("var/redis")
    timeout_s: float = Field(default=5, ge=1)
    """For each call, its repetitions included; workers wait in Redis for half a second at a time."""
    connections: PositiveInt = 2000
