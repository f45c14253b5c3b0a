"""What `REDIS__URL` means: one server, the master of which Sentinel knows, or the nodes of a Cluster.

The forms of one server are those of redis-py. With Sentinel, name and password in front are the server's; the
Sentinels' own are options:

    redis://[user:password@]host[:port][/db]        rediss://…        unix:///path[?db=…]
    redis+sentinel://[user:password@]host[:port][,host[:port]…]/service[/db][?sentinel_password=…]
    redis+cluster://[user:password@]host[:port][,host[:port]…]

`rediss+sentinel` and `rediss+cluster` are the same over TLS.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from redis.asyncio.connection import parse_url

Host = tuple[str, int]
"""A name or an IP address, and a port."""

_PORT, _SENTINEL_PORT = 6379, 26379
_OF_SENTINELS = "sentinel_"
_UNREADABLE = (
    "the address cannot be read: ports and times are numbers, "
    "and in a name or password / is written %2F, ? %3F, # %23, @ %40 and : %3A"
)
_FORMS = "redis://host, rediss://host, unix:///path, redis+sentinel://host/service, redis+cluster://host"


class Kind(Enum):
    """Who says where the server is."""

    SINGLE = auto()
    """The address itself."""
    SENTINEL = auto()
    CLUSTER = auto()


@dataclass(frozen=True, slots=True)
class Address:
    """A `REDIS__URL`, taken apart."""

    kind: Kind
    options: Mapping[str, Any]
    """What redis-py's connections take: host, name, password, database, TLS."""
    seeds: tuple[Host, ...] = ()
    """The Sentinels, or nodes of the Cluster, some of which may be gone."""
    service: str = ""
    """The name of the master among the Sentinels."""
    sentinel_options: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, url: str) -> "Address":
        """Read an address.

        Raises:
            ValueError: it is none; the message holds no part of it, because any may be of the password.
        """
        with _unquoted():
            parts = urlsplit(url)
        if "@" in parts.path + parts.fragment and parts.scheme != "unix":
            raise ValueError(_UNREADABLE)
        scheme, _, keeper = parts.scheme.partition("+")
        match scheme, keeper:
            case "redis" | "rediss" | "unix", "":
                with _unquoted():
                    return cls(Kind.SINGLE, dict(parse_url(url)))
            case "redis" | "rediss", "sentinel":
                return _of_sentinels(scheme, parts)
            case "redis" | "rediss", "cluster":
                return _of_cluster(scheme, parts)
        raise ValueError(f"the address must have one of the forms {_FORMS}")


def _of_sentinels(scheme: str, parts: SplitResult) -> Address:
    service, _, database = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError("the name of Sentinel's service is missing: redis+sentinel://host:26379/service")
    if database and not database.isdecimal():
        raise ValueError("the database behind the name of Sentinel's service must be a number")
    options = _options(scheme, parts, database)
    own = {name for name in options if name.startswith(_OF_SENTINELS)}
    of_sentinels = {name.removeprefix(_OF_SENTINELS): options.pop(name) for name in own}
    if tls := {name: options[name] for name in options if name.startswith(("ssl", "connection_class"))}:
        of_sentinels |= {name: value for name, value in tls.items() if name != "connection_class"}
        of_sentinels["ssl"] = True
    seeds = tuple(_hosts(parts.netloc, _SENTINEL_PORT))
    return Address(Kind.SENTINEL, options, seeds, unquote(service), of_sentinels)


def _of_cluster(scheme: str, parts: SplitResult) -> Address:
    if parts.path.strip("/") not in {"", "0"}:
        raise ValueError("Redis Cluster has no databases but 0")
    return Address(Kind.CLUSTER, _options(scheme, parts, ""), tuple(_hosts(parts.netloc, _PORT)))


def _options(scheme: str, parts: SplitResult, database: str) -> dict[str, Any]:
    """Let redis-py read all but the hosts, as if there were one."""
    credentials, at, _ = parts.netloc.rpartition("@")
    with _unquoted():
        options = dict(parse_url(f"{scheme}://{credentials}{at}localhost/{database}?{parts.query}"))
    del options["host"]
    return options


def _hosts(netloc: str, default_port: int) -> Iterator[Host]:
    for one in netloc.rpartition("@")[2].split(","):
        with _unquoted():
            host, port = urlsplit(f"//{one}").hostname, urlsplit(f"//{one}").port
        if not host:
            raise ValueError("a host is missing")
        yield host, port or default_port


@contextmanager
def _unquoted() -> Iterator[None]:
    """Replace what libraries say of an address: they quote it."""
    try:
        yield
    except ValueError:
        raise ValueError(_UNREADABLE) from None
