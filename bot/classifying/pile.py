"""A pile of texts that are classified in one go, and how far it has come."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.classifying.spreadsheet import table
from bot.errors import BackendError
from bot.types import Person, Place, Scheme, Verdict

_HOPELESS = 3
"""So many refusals before any verdict: it is not the texts."""


@dataclass(frozen=True, slots=True)
class Pile:
    """Texts to be classified, and where the outcome goes; of a `list` it is a file."""

    id: str
    """The same when the same texts are handled again after a crash."""
    texts: tuple[str, ...]
    classifier: str
    person: Person
    place: Place
    is_list: bool = False
    file_name: str = ""
    """Where the texts come from; empty: from a message."""
    delimiter: str = ","
    """Of the file that comes back."""


@dataclass(slots=True)
class Tally:
    """What is known of the texts of a pile; the same text twice is asked about once."""

    pile: Pile
    classifier: str
    """By its name, which is not that of the pile if that one is gone."""
    title: str
    scheme: Scheme
    verdicts: dict[str, Verdict]
    """By the names of the texts."""
    names: dict[str, str] = field(init=False)
    """By text, in order: a name is another one under another scheme, whose verdict is another."""
    refusals: dict[str, BackendError] = field(default_factory=dict)
    """Texts that the service will never take, by name."""
    unnoted: dict[str, Verdict] = field(default_factory=dict)
    """What is neither kept nor booked yet."""
    started_at: float = 0.0
    """When this attempt began, of the monotonic clock."""
    done_before: int = 0
    """How many texts were done then."""

    def __post_init__(self) -> None:
        scheme = self.scheme
        samples = [(sample.text, sample.label) for sample in scheme.samples]
        about = json.dumps([scheme.model.address, scheme.task, scheme.labels, samples])
        self.names = {text: _digest(f"{about}\n{text}") for text in self.pile.texts}

    @property
    def total(self) -> int:
        """Texts of the pile, also those that are there twice."""
        return len(self.pile.texts)

    @property
    def done(self) -> int:
        """Those of them that need not be asked about any more."""
        return sum(1 for text in self.pile.texts if self._is_done(text))

    @property
    def refused(self) -> int:
        """Those of them that the service did not take."""
        return sum(1 for text in self.pile.texts if self.names[text] in self.refusals)

    def start(self, now: float) -> None:
        """Begin this attempt."""
        self.started_at, self.done_before = now, self.done

    def left(self) -> Iterator[str]:
        """Yield the texts to be asked about, each once."""
        yield from (text for text in self.names if not self._is_done(text))

    def take(self, text: str, verdict: Verdict) -> None:
        """Take a verdict down."""
        name = self.names[text]
        self.verdicts[name] = self.unnoted[name] = verdict

    def survives(self, text: str, error: BackendError) -> bool:
        """Take down that the service refuses a text; False: it will hardly take any other."""
        self.refusals[self.names[text]] = error
        return bool(self.verdicts) or len(self.refusals) < min(_HOPELESS, len(self.names))

    def verdict_on(self, text: str) -> Verdict | None:
        """Return what is known of a text."""
        return self.verdicts.get(self.names[text])

    def labels(self) -> Counter[str]:
        """Count the texts by the labels that suit them best."""
        found = filter(None, map(self.verdict_on, self.pile.texts))
        return Counter(verdict.ranked[0][0] for verdict in found)

    def as_table(self) -> str:
        """Return all texts that have been asked about, with a column for each label."""
        columns = tuple(self._columns())
        rows = (self._row(text, columns) for text in self.pile.texts if self._is_done(text))
        return table(("text", "label", "confidence", *columns), rows, self.pile.delimiter)

    def _columns(self) -> Iterator[str]:
        labels = dict.fromkeys(self.scheme.labels)
        for text in self.pile.texts:
            if verdict := self.verdict_on(text):
                labels.update(dict.fromkeys(label for label, _ in verdict.confidences))
        yield from labels

    def _row(self, text: str, columns: tuple[str, ...]) -> list[str]:
        verdict = self.verdict_on(text)
        if verdict is None:
            return [text, "", "", *("" for _ in columns)]
        known, (label, confidence) = dict(verdict.confidences), verdict.ranked[0]
        numbers = (_number(known[column]) if column in known else "" for column in columns)
        return [text, label, _number(confidence), *numbers]

    def _is_done(self, text: str) -> bool:
        name = self.names[text]
        return name in self.verdicts or name in self.refusals


def _digest(text: str) -> str:
    return hashlib.blake2s(text.encode(errors="replace"), digest_size=12).hexdigest()


def _number(confidence: float) -> str:
    return f"{confidence:.4f}"
