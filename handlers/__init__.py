"""What people see: one feature a file, each with a `build_router()`.

To add one, write a file and name its `build_router` below. Each is asked in this order whether an update is
for it, so the catch-all comes last.
"""

from collections.abc import Callable

from aiogram import Router

from handlers import (
    admission,
    again,
    ask,
    chat,
    classify,
    continuation,
    edited,
    expired,
    guide,
    identity,
    image,
    migration,
    model,
    new,
    prompts,
    queue,
    show,
    start,
    stop,
    usage,
)

FEATURES: tuple[Callable[[], Router], ...] = (
    migration.build_router,
    admission.build_router,
    stop.build_router,
    queue.build_router,
    again.build_router,
    continuation.build_router,
    show.build_router,
    edited.build_router,
    start.build_router,
    guide.build_router,
    new.build_router,
    prompts.build_router,
    model.build_router,
    ask.build_router,
    identity.build_router,
    usage.build_router,
    image.build_router,
    classify.build_router,
    expired.build_router,
    chat.build_router,
)
