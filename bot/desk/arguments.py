"""What may follow the command `inbox`; apart from what it does, because every command reads all arguments."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Tell a parser."""
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="list | show | replay | drop | bury")
    listing = deeds.add_parser("list", help="what waits, who holds it, and what died")
    listing.add_argument("--json", action="store_true", help="for machines")
    listing.add_argument("--most", type=_positive, default=50, metavar="N", help="of either (%(default)s)")
    show = deeds.add_parser("show", help="one update as Telegram sent it")
    show.add_argument("id", metavar="ID", help="of a dead letter, or of an update, dead or waiting")
    _add_choice(
        deeds.add_parser("replay", help="try dead letters again, behind what waits where they came from")
    )
    dropping = _add_choice(deeds.add_parser("drop", help="throw away dead letters, or what waits"))
    dropping.add_argument(
        "--conversation",
        metavar="SLUG",
        help="all that waits there, save what is being handled; of a group: --conversation=-100123",
    )
    bury = deeds.add_parser("bury", help="make a dead letter of what is being handled, whoever handles it")
    bury.add_argument("--conversation", metavar="SLUG", required=True, help="where it is being handled")


def _add_choice(parser: argparse.ArgumentParser) -> "argparse._MutuallyExclusiveGroup":
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("id", metavar="ID", nargs="?", help="of a dead letter, or of its update")
    choice.add_argument("--all", action="store_true", help="all dead letters")
    return choice


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError
    return number
