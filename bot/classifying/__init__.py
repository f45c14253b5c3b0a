"""`/classify`: texts told apart, one or a pile of them, by classifiers that an operator has written."""

from bot.classifying.classifications import Classifications
from bot.classifying.pile import Pile
from bot.classifying.rules import Rules
from bot.classifying.spreadsheet import Listing, Unreadable, lines_of, texts_in

__all__ = ["Classifications", "Listing", "Pile", "Rules", "Unreadable", "lines_of", "texts_in"]
