"""Misfortune on order: refusals, delays, broken connections, answers that get lost."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

ANY = "*"
"""Every method but `getUpdates`, which goes on all the time and would take what was meant for others."""
_POLL = "getupdates"


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to a call. Without an error code the call is applied, unless it is dropped."""

    error_code: int | None = None
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    delay_s: float = 0.0
    """Before anything else; a call that is delayed may be overtaken by later ones."""
    is_dropped: bool = False
    """The connection breaks before the call is applied."""
    is_answer_lost: bool = False
    """The connection breaks after the call was applied."""
    html: str = ""
    """The body of an answer that comes from a proxy, not from Telegram."""

    @classmethod
    def flood(cls, retry_after_s: int) -> "Fault":
        """429, as flood control words it."""
        return cls(429, f"Too Many Requests: retry after {retry_after_s}", {"retry_after": retry_after_s})

    @classmethod
    def refusal(cls, error_code: int, description: str, **parameters: Any) -> "Fault":
        """Any other error, with its whole description."""
        return cls(error_code, description, parameters)

    @classmethod
    def server_error(cls) -> "Fault":
        """500 from Telegram."""
        return cls(500, "Internal Server Error")

    @classmethod
    def bad_gateway(cls) -> "Fault":
        """502 with a page of HTML instead of JSON."""
        page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
        return cls(502, "Bad Gateway", html=page)

    @classmethod
    def delay(cls, seconds: float) -> "Fault":
        """The call is applied late."""
        return cls(delay_s=seconds)

    @classmethod
    def drop(cls) -> "Fault":
        """The connection breaks; the call was not applied."""
        return cls(is_dropped=True)

    @classmethod
    def lost_answer(cls) -> "Fault":
        """The connection breaks; the call was applied."""
        return cls(is_answer_lost=True)


@dataclass(slots=True)
class _Plan:
    """A fault, and which calls it waits for."""

    fault: Fault
    method: str
    chat_id: int | None
    skips: int
    left: int

    def fits(self, method: str, chat_id: int | None) -> bool:
        is_any = self.method == ANY and method != _POLL
        is_meant = (is_any or self.method == method) and self.chat_id in {None, chat_id}
        return is_meant and self.left > 0


class Faults:
    """The ordered misfortunes; the first that fits a call strikes."""

    def __init__(self) -> None:
        self._plans: list[_Plan] = []

    def add(
        self, fault: Fault, method: str = ANY, *, times: int = 1, chat_id: int | None = None, after: int = 0
    ) -> None:
        """Order a fault for the next calls of a method, in one chat or in all; the first `after` pass.

        With `ANY` and a chat, `after` counts whatever is called there, typing too.
        """
        self._plans.append(_Plan(fault, method.lower(), chat_id, after, times))

    def extend(self, faults: Iterable[Fault], method: str = ANY, *, chat_id: int | None = None) -> None:
        """Order faults one after the other."""
        for fault in faults:
            self.add(fault, method, chat_id=chat_id)

    def clear(self) -> None:
        """Forget all orders."""
        self._plans.clear()

    def strike(self, method: str, chat_id: int | None) -> Fault | None:
        """Return what happens to this call, and count it; `method` in small letters."""
        for plan in self._plans:
            if not plan.fits(method, chat_id):
                continue
            if plan.skips:
                plan.skips -= 1
                continue
            plan.left -= 1
            if not plan.left:
                self._plans.remove(plan)
            return plan.fault
        return None
