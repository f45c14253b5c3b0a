import pytest
from redis.asyncio.connection import SSLConnection, UnixDomainSocketConnection

from bot.redis_client import Address, Kind


def test_one_server_is_read_as_redis_py_does() -> None:
    address = Address.of("redis://anna:se%40cret@redis.example:6380/3")

    assert address.kind is Kind.SINGLE
    assert address.options == {
        "username": "anna",
        "password": "se@cret",
        "host": "redis.example",
        "port": 6380,
        "db": 3,
    }


def test_tls_and_sockets_are_servers_too() -> None:
    assert Address.of("rediss://redis.example").options["connection_class"] is SSLConnection
    assert Address.of("unix:///run/redis.sock").options == {
        "path": "/run/redis.sock",
        "connection_class": UnixDomainSocketConnection,
    }


def test_sentinels_know_the_server_of_a_service() -> None:
    address = Address.of("redis+sentinel://anna:secret@one:1,two,[::1]:3/my%20bot/5?sentinel_password=other")

    assert address.kind is Kind.SENTINEL
    assert address.seeds == (("one", 1), ("two", 26379), ("::1", 3))
    assert address.service == "my bot"
    assert address.options == {"username": "anna", "password": "secret", "db": 5}
    assert address.sentinel_options == {"password": "other"}


def test_sentinels_are_asked_over_tls_if_the_server_is() -> None:
    address = Address.of("rediss+sentinel://one/bot?ssl_ca_certs=/ca.pem")

    assert address.options == {"connection_class": SSLConnection, "ssl_ca_certs": "/ca.pem"}
    assert address.sentinel_options == {"ssl": True, "ssl_ca_certs": "/ca.pem"}


def test_a_cluster_has_nodes_and_no_databases() -> None:
    address = Address.of("redis+cluster://:secret@one,two:7001")

    assert address.kind is Kind.CLUSTER
    assert address.seeds == (("one", 6379), ("two", 7001))
    assert address.options == {"password": "secret"}
    assert Address.of("redis+cluster://one/0").kind is Kind.CLUSTER


def test_in_the_path_of_a_socket_anything_may_be() -> None:
    assert Address.of("unix:///run/redis@one.sock").options["path"] == "/run/redis@one.sock"


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("nonsense", "must have one of the forms redis://host, "),
        ("http://host", "must have one of the forms"),
        ("unix+sentinel://host/bot", "must have one of the forms"),
        ("redis+sentinel://secret:secret@host", "the name of Sentinel's service is missing"),
        ("redis+sentinel://secret:secret@host/bot/first", "must be a number"),
        ("redis+cluster://secret:secret@host/1", "no databases but 0"),
        ("redis+cluster://secret:secret@host:port", "the address cannot be read: ports"),
        ("redis+cluster://one,secret:secret", "cannot be read"),
        ("redis://:secret/1@host", "cannot be read"),
        ("redis://:123/secret@host", "cannot be read"),
        ("redis://:123#secret@host", "cannot be read"),
        ("redis+cluster://:secret/1@host", "cannot be read"),
        ("redis://[secret:secret@host", "cannot be read"),
        ("redis://:secret\u2100@host", "cannot be read"),
        ("redis+cluster://secret:secret@host,", "a host is missing"),
        ("redis://host?socket_timeout=soon", "cannot be read"),
        ("redis+sentinel://host/bot?socket_timeout=secret", "cannot be read"),
    ],
)
def test_what_is_no_address_is_told_without_its_secrets(url: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as told:
        Address.of(url)

    assert "secret" not in str(told.value)
