"""The methods of the service, by topic: each takes a call and answers it.

The order of checks is our guess: credentials, rates, the form of the body, the folder, the model, what is in
the texts, and the quota of what runs at once.
"""

from bot.sandbox.models.methods import (
    chat,
    classifying,
    completion,
    drawing,
    identity,
    later,
    listing,
    operations,
    ordering,
    tokenizing,
)

_TOPICS = (completion, tokenizing, later, ordering, operations, classifying, chat, listing, drawing, identity)
ROUTES = tuple(route for topic in _TOPICS for route in topic.ROUTES)
