"""What will go wrong next, and with whom: faults wait for the requests that they are aimed at."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.sandbox.models.faults import Mishap

_GENERATIONS = frozenset({"completion", "chat/completions"})


@dataclass(frozen=True, slots=True)
class Aim:
    """A fault for requests of a method, of a model, or of both; without an aim, for generations."""

    fault: Mishap
    method: str = ""
    model: str = ""
    """Its URI, or what follows the folder in it, with the branch or without."""
    times: float = 1

    def hits(self, method: str, model_uri: str) -> bool:
        """Whether this request goes wrong."""
        path = model_uri.partition("://")[2].partition("/")[2]
        if self.model and self.model not in (model_uri, path, path.partition("/")[0]):
            return False
        return method == self.method if self.method else bool(self.model) or method in _GENERATIONS


class Mishaps:
    """Faults in the order in which they were programmed; the first that fits a request meets it."""

    def __init__(self, faults: Iterable[Mishap]) -> None:
        self._aims = [Aim(fault) for fault in faults]

    def add(self, aim: Aim) -> None:
        """Remember another one."""
        self._aims.append(aim)

    def take(self, method: str, model_uri: str) -> Mishap | None:
        """Return the fault of the request that begins now, which has one time less to come."""
        number = next((n for n, aim in enumerate(self._aims) if aim.hits(method, model_uri)), None)
        if number is None:
            return None
        aim = self._aims.pop(number)
        if aim.times > 1:
            self._aims.insert(number, replace(aim, times=aim.times - 1))
        return aim.fault

    def clear(self) -> None:
        """Let all be well again."""
        self._aims.clear()
