"""What people read of a pile: how far it is, what came out, and the file with all of it."""

from pathlib import PurePath

from bot.classifying.charts import chart_of_labels, chart_of_verdict, escaped, progress
from bot.classifying.pile import Tally
from bot.errors import BackendError
from bot.texts import PHRASES, Phrases, sentence_for
from bot.types import File

_TELLING = 3
"""So many texts tell how long the others will take."""
_NAME_CHARACTERS = 60


def progress_of(tally: Tally, now: float) -> str:
    """Return what is shown while texts are being classified."""
    left_s = None
    if (lately := tally.done - tally.done_before) >= _TELLING:
        left_s = (now - tally.started_at) / lately * (tally.total - tally.done)
    return progress(tally.title, tally.done, tally.total, left_s, _phrases(tally).classifying)


def outcome_of(tally: Tally, error: BackendError | None, *, is_stopped: bool) -> str:
    """Return what is said at the end: the verdict, or what the texts of a list are like, in short."""
    phrases = _phrases(tally)
    if not tally.pile.is_list:
        (verdict,) = tally.verdicts.values()
        return chart_of_verdict(tally.title, verdict, phrases.classifying)
    return "\n\n".join(filter(None, _paragraphs(tally, phrases, error, is_stopped=is_stopped)))


def _paragraphs(tally: Tally, phrases: Phrases, error: BackendError | None, *, is_stopped: bool) -> list[str]:
    words = phrases.classifying
    mark, ending = ("✅", words.done)
    if error:
        mark, ending = "⚠️", words.broken_off
    elif is_stopped:
        mark, ending = "⏹", words.stopped
    return [
        f"{mark} **{escaped(tally.title)}**",
        ending.format(done=tally.done, total=tally.total),
        sentence_for(error, phrases.failures) if error else "",
        chart_of_labels(tally.labels(), words) if tally.verdicts else "",
        words.refused.format(count=tally.refused) if tally.refused else "",
    ]


def file_of(tally: Tally) -> File | None:
    """Return the file with all that was found; None: it was one text, or nothing was found."""
    if not (tally.pile.is_list and tally.verdicts):
        return None
    stem = PurePath(tally.pile.file_name).stem[:_NAME_CHARACTERS]
    name = "-".join(filter(None, [stem, tally.classifier]))
    return File(f"{name}.csv", tally.as_table().encode(errors="replace"), tally.title)


def _phrases(tally: Tally) -> Phrases:
    return PHRASES[tally.pile.person.language]
