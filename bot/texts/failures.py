"""What a person reads about an error: one table, from the class of the error to a sentence."""

from bot import errors
from bot.errors import BackendTimeout, ContextTooLong, WaitedFor
from bot.texts.phrases import Failures, Phrases

_SENTENCES: dict[type[BaseException], str] = {
    errors.Unreachable: "unreachable",
    errors.ConnectionCut: "connection_cut",
    errors.Overloaded: "overloaded",
    errors.QuotaExceeded: "quota",
    errors.ServiceDown: "down",
    errors.OperationLost: "operation_lost",
    errors.OrderInDoubt: "in_doubt",
    errors.ContentFiltered: "filtered",
    errors.NothingNew: "nothing_new",
    errors.BadCredentials: "credentials",
    errors.AccessDenied: "denied",
    errors.UnknownModel: "unknown_model",
    errors.BlindModel: "blind",
    errors.BlindChoice: "blind_choice",
    errors.ContextTooLong: "too_long",
    errors.Rejected: "rejected",
    errors.PhotoLost: "photo_lost",
    errors.StoreError: "store",
    errors.ConfigError: "config",
}

_WAITS = {
    WaitedFor.FIRST_PIECE: "silent_at_first",
    WaitedFor.NEXT_PIECE: "silent_between",
    WaitedFor.WHOLE_ANSWER: "too_slow",
    WaitedFor.OPERATION: "operation_slow",
    WaitedFor.SEAT: "crowded",
}


_OF_PICTURES: dict[type[BaseException], str] = {
    errors.ContentFiltered: "filtered",
    errors.AccessDenied: "denied",
    errors.UnknownModel: "denied",
    errors.QuotaExceeded: "quota",
    errors.BackendTimeout: "hanging",
    errors.OperationLost: "lost",
    errors.Overloaded: "down",
    errors.Unreachable: "unreachable",
    errors.OrderInDoubt: "in_doubt",
    errors.Rejected: "rejected",
    errors.MediaForbidden: "forbidden",
}


def picture_sentence_for(error: BaseException, phrases: Phrases) -> str:
    """Return the sentence about a picture that will not be; of what is no picture's own, the common one."""
    kind = next((kind for kind in type(error).__mro__ if kind in _OF_PICTURES or kind in _SENTENCES), None)
    if isinstance(error, ContextTooLong):
        return phrases.pictures.too_long.format(most=error.most_characters)
    if kind in _OF_PICTURES:
        return str(getattr(phrases.pictures, _OF_PICTURES[kind]))
    return sentence_for(error, phrases.failures)


def sentence_for(error: BaseException, failures: Failures) -> str:
    """Return the sentence of the nearest class in the tree; the one for surprises if there is none."""
    if isinstance(error, BackendTimeout):
        return str(getattr(failures, _WAITS[error.waited_for]))
    names = (_SENTENCES[kind] for kind in type(error).__mro__ if kind in _SENTENCES)
    return str(getattr(failures, next(names, "unexpected")))
