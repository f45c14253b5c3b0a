from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.settings import Delivery, Policy, Role, Settings, read_settings


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_door_is_closed_by_default() -> None:
    assert read_settings().access.policy is Policy.LIST


@pytest.mark.parametrize("written", ["1,2", "1, 2", "[1, 2]", "1 2"])
def test_ids_are_read_however_they_are_written(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("ACCESS__OWNERS", written)

    assert read_settings().access.owners == {1, 2}


def test_a_single_owner_needs_no_brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCESS__OWNERS", "7")

    assert read_settings().access.owners == {7}


def test_an_empty_setting_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCESS__OWNERS", "")
    monkeypatch.setenv("REDIS__URL", "")

    settings = read_settings()

    assert (settings.access.owners, settings.redis.url) == (frozenset(), None)


def test_an_address_ends_without_a_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM__API_URL", "http://127.0.0.1:8081/")

    assert read_settings().telegram.api_url == "http://127.0.0.1:8081"


def test_dotenv_is_read_and_the_environment_outranks_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("YANDEX__FOLDER_ID=file\nYANDEX__MODEL=lite\n", "utf-8")
    monkeypatch.setenv("YANDEX__FOLDER_ID", "environment")

    settings = read_settings()

    assert (settings.yandex.folder_id, settings.yandex.model) == ("environment", "lite")


def test_every_wrong_setting_is_named_at_once_and_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM__API_URL", "nonsense")
    monkeypatch.setenv("PROMPTS__TIMEZONE", "Mars/Olympus")
    monkeypatch.setenv("HTTP__PORT", "secret-looking")

    with pytest.raises(ConfigError) as caught:
        read_settings()

    told = str(caught.value)
    assert all(name in told for name in ("TELEGRAM__API_URL", "PROMPTS__TIMEZONE", "HTTP__PORT"))
    assert "secret-looking" not in told


def test_what_is_missing_is_listed() -> None:
    assert [lack.partition(":")[0] for lack in Settings().missing()] == [
        "TELEGRAM__TOKEN",
        "YANDEX__FOLDER_ID",
        "YANDEX__API_KEY",
    ]


@pytest.fixture
def own_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM__TOKEN", "1:token")
    monkeypatch.setenv("OPENAI__URL", "http://localhost:11434/v1/")


@pytest.mark.usefixtures("own_server")
@pytest.mark.parametrize("name", ["OPENAI__MODEL", "YANDEX__MODEL"])
def test_ones_own_server_alone_is_enough(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "llama3.2")

    settings = read_settings()

    assert settings.is_own_server_alone
    assert settings.default_model == "llama3.2"
    assert list(settings.missing()) == []


@pytest.mark.usefixtures("own_server")
def test_ones_own_server_alone_needs_a_model() -> None:
    [lack] = read_settings().missing()

    assert lack.startswith("OPENAI__MODEL")


@pytest.mark.usefixtures("own_server")
@pytest.mark.parametrize(
    ("name", "lack"), [("YANDEX__FOLDER_ID", "YANDEX__API_KEY"), ("YANDEX__API_KEY", "YANDEX__FOLDER_ID")]
)
def test_half_an_account_beside_ones_own_server_is_a_mistake(
    monkeypatch: pytest.MonkeyPatch, name: str, lack: str
) -> None:
    monkeypatch.setenv(name, "given")

    settings = read_settings()

    assert not settings.is_own_server_alone
    assert [told.partition(":")[0] for told in settings.missing()] == [lack]


@pytest.mark.usefixtures("own_server")
def test_with_an_account_prompts_that_name_no_model_take_one_of_yandex(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YANDEX__FOLDER_ID", "folder")
    monkeypatch.setenv("YANDEX__API_KEY", "key")
    monkeypatch.setenv("OPENAI__MODEL", "llama3.2")

    assert read_settings().default_model == "yandexgpt/latest"


def test_the_password_of_ones_own_server_is_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI__URL", "http://anna:pass-word@host/v1")
    monkeypatch.setenv("OPENAI__API_KEY", "sk-mine")

    assert read_settings().secrets() == {"sk-mine", "pass-word"}


def test_secrets_are_known_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM__TOKEN", "1:telegram-secret")
    monkeypatch.setenv("YANDEX__API_KEY", "yandex-secret")

    settings = read_settings()

    assert settings.secrets() == {"1:telegram-secret", "telegram-secret", "yandex-secret"}
    assert "secret-" not in repr(settings).replace("SecretStr", "")


@pytest.mark.parametrize(
    ("url", "passwords"),
    [
        ("redis://anna:pass%2Fword@host/0", {"pass%2Fword", "pass/word"}),
        ("redis://:pass/word@host/0", {"pass/word"}),
        ("redis+sentinel://:one@host/bot?sentinel_password=tw%2Fo&db=1", {"one", "tw/o", "tw%2Fo"}),
        ("redis://host:6379/0", set()),
    ],
)
def test_the_passwords_of_redis_are_secrets_too(
    monkeypatch: pytest.MonkeyPatch, url: str, passwords: set[str]
) -> None:
    monkeypatch.setenv("REDIS__URL", url)

    assert read_settings().secrets() == {url, *passwords}


def test_a_setting_that_does_not_exist_is_told_with_the_nearest_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCESS__OWNER", "1")
    monkeypatch.setenv("TELEGRAM__NONSENSE_OF_MINE", "1")

    assert list(read_settings().unknown()) == [
        "TELEGRAM__NONSENSE_OF_MINE: there is no such setting",
        "ACCESS__OWNER: there is no such setting; did you mean ACCESS__OWNERS?",
    ]


@pytest.mark.parametrize(("name", "value"), [("LOG__LEVEL", "loud"), ("LOG", "debug")])
def test_nonsense_is_a_mistake_and_not_a_crash(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigError):
        read_settings()


def test_the_level_is_read_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG__LEVEL", "debug")

    assert read_settings().log.level == "DEBUG"


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM__DELIVERY", "webhook")
    monkeypatch.setenv("TELEGRAM__WEBHOOK_URL", "https://bot.example.org/хук/")
    monkeypatch.setenv("TELEGRAM__WEBHOOK_SECRET", "Word_of-1")


@pytest.mark.usefixtures("webhook")
def test_a_webhook_is_an_address_and_a_secret() -> None:
    settings = read_settings()

    assert settings.telegram.delivery is Delivery.WEBHOOK
    assert settings.telegram.webhook_url == "https://bot.example.org/%D1%85%D1%83%D0%BA/"
    assert "Word_of-1" in settings.secrets()
    assert not any("WEBHOOK" in lack for lack in settings.missing())


def test_a_webhook_without_address_or_secret_is_not_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM__DELIVERY", "webhook")

    lacks = {lack.partition(":")[0] for lack in read_settings().missing()}

    assert {"TELEGRAM__WEBHOOK_URL", "TELEGRAM__WEBHOOK_SECRET"} <= lacks


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM__DELIVERY", "pigeons"),
        ("TELEGRAM__WEBHOOK_URL", "bot.example.org"),
        ("TELEGRAM__WEBHOOK_SECRET", "with spaces"),
        ("TELEGRAM__WEBHOOK_SECRET", "x" * 257),
    ],
)
def test_a_webhook_that_telegram_would_not_take_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigError) as caught:
        read_settings()

    assert name in str(caught.value)
    assert value not in str(caught.value).replace("'polling' or 'webhook'", "")


@pytest.mark.parametrize("role", Role)
def test_who_answers_nobody_needs_no_key_of_the_model_service(role: Role) -> None:
    is_needed = any("YANDEX" in lack for lack in Settings().missing(role))

    assert is_needed is (role is not Role.INGRESS)


@pytest.mark.parametrize("role", Role)
def test_processes_with_roles_meet_in_a_redis_of_their_own(monkeypatch: pytest.MonkeyPatch, role: Role) -> None:
    alone = any("REDIS__URL" in lack for lack in read_settings().missing(role))
    monkeypatch.setenv("REDIS__URL", "redis://127.0.0.1/0")
    together = any("REDIS__URL" in lack for lack in read_settings().missing(role))

    assert (alone, together) == (role is not Role.ALL, False)


def test_a_name_that_is_almost_a_setting_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("ACESS__OWNERS=5\nREDIS_URL=redis://x\nCOMPOSE_PROFILES=x\n", "utf-8")
    monkeypatch.setenv("LOG_LEVEL", "debug")
    monkeypatch.setenv("ACESS__OWNER", "5")

    assert list(read_settings().unknown()) == [
        "ACESS__OWNERS: there is no such setting; did you mean ACCESS__OWNERS?",
        "LOG_LEVEL: there is no such setting; did you mean LOG__LEVEL?",
        "REDIS_URL: there is no such setting; did you mean REDIS__URL?",
    ]


def test_a_bot_without_owners_tells_that_it_answers_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    told = read_settings().unanswered()
    monkeypatch.setenv("ACCESS__POLICY", "open")
    of_open = read_settings().unanswered()
    monkeypatch.setenv("ACCESS__POLICY", "list")
    monkeypatch.setenv("ACCESS__OWNERS", "5")

    assert told.startswith("ACCESS__OWNERS: nobody is answered")
    assert (of_open, read_settings().unanswered()) == ("", "")
