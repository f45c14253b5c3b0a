"""How the rooms are wired together: who gets what, in one place."""

import math
import os
import secrets
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiogram import Bot, Dispatcher, Router
from aiogram.types import User
from redis.asyncio import Redis

from bot.accounts import RedisAccounts
from bot.app.ingress import Post, build_ingress
from bot.app.late import Neighbours, build_late, build_orders
from bot.app.side import Home, here
from bot.classifying import Classifications, Rules
from bot.conversation import Conversations, Stage
from bot.drawing import Atelier, Drawer, Studio
from bot.errors import GovorunError
from bot.history import (
    Admissions,
    ChatState,
    RedisDrawings,
    RedisExchanges,
    RedisHistory,
    RedisOrders,
    RedisVerdicts,
)
from bot.ports import Classifier, ImageBackend, LaterModel, Meter, ModelBackend, Uncounted, Witness
from bot.promptbook import PromptBook
from bot.replies.canvas import TelegramGallery
from bot.replies.governor import Governor
from bot.replies.journal import Journal
from bot.replies.live import LiveReplies
from bot.replies.notices import TelegramNotices
from bot.replies.pace import Pace
from bot.replies.voice import ReplyWords, Voice
from bot.replies.ways import Policy as ReplyPolicy
from bot.running import RunningTurns
from bot.settings import Policy, Settings, Workers, Yandex
from bot.texts import PHRASES, sentence_for
from bot.updates.apologies import Apologies, FullNotice, WaitingNotice
from bot.updates.collector import Collector
from bot.updates.door import Door, DoorPolicy
from bot.updates.files import Files
from bot.updates.hands import Hands
from bot.updates.inbox import Limits, RedisInbox
from bot.updates.ingress import Ingress
from bot.updates.intake import Intake
from bot.updates.introductions import Introductions
from bot.updates.photos import TelegramPhotos
from bot.updates.scaling import Scale
from bot.updates.signals import Signals
from bot.updates.together import Together
from bot.updates.worker import Job, Terms, Worker

_MB = 1_000_000
_UNPACED_AT_ONCE = 8
"""Texts of one list, where the service wants no pace."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """What is open and waits to be wired."""

    redis: Redis
    bot: Bot
    me: User
    prompts: PromptBook
    model: ModelBackend
    images: ImageBackend
    later: LaterModel
    classifier: Classifier
    witness: Witness
    meter: Meter = field(default_factory=Uncounted)
    post: Post | None = None
    """None: updates are polled."""


@dataclass(frozen=True, slots=True)
class Works:
    """What runs until the bot is told to stop."""

    ingress: Ingress
    worker: Worker
    collector: Collector
    inbox: RedisInbox
    signals: Signals
    dispatcher: Dispatcher


def build(settings: Settings, features: Sequence[Callable[[], Router]], rooms: Rooms) -> Works:
    """Wire everything; nothing is started and nothing is asked of anybody yet."""
    bot, redis = rooms.bot, rooms.redis
    governor, journal = Governor(redis, bot.id, _pace(settings), meter=rooms.meter), Journal(redis, bot.id)
    notices = TelegramNotices(bot, governor, journal.ledger)
    waiting = WaitingNotice(notices, bot.id, time.monotonic)
    apologies = Apologies(notices, waiting, meter=rooms.meter)
    policy = DoorPolicy(settings.access.owners, is_open=settings.access.policy is Policy.OPEN)
    admissions = Admissions(redis, bot.id)
    replies = LiveReplies(bot, governor, journal, Voice(_words, _sentence), policy=_reply_policy(settings))
    replica = _replica_name()
    signals = Signals(redis, bot.id, rooms.me, replica=replica)
    orders = build_orders(settings, redis, bot.id, replica)
    use_case = _use_case(settings, rooms, Voices(replies, notices), RunningTurns(signals), orders)
    gallery = TelegramGallery(bot, governor, journal, _picture_words)
    use_case |= _pictures(settings, rooms, gallery, use_case)
    use_case["classifications"] = _classifications(settings, rooms, replies, use_case)
    dispatcher = Dispatcher(disable_fsm=True, notices=notices, admissions=admissions, me=rooms.me, **use_case)
    for middleware in (
        Introductions(policy.owners),
        apologies,
        Door(policy, admissions, notices, me=rooms.me),
    ):
        dispatcher.update.outer_middleware(middleware)
    dispatcher.include_routers(*(build_router() for build_router in features))
    wanted = settings.conversations
    limits = Limits(wanted.most_waiting, wanted.most_waiting_per_person)
    inbox = RedisInbox(redis, bot.id, consumer=replica, limits=limits)
    full = FullNotice(notices, rooms.me)

    def intake_of(redis: Redis, home: Home = here) -> Intake:
        kept = RedisInbox(redis, bot.id, consumer=replica, limits=limits)
        return Intake(kept, bot.id, when_kept_waiting=home(waiting), when_full=home(full), meter=rooms.meter)

    ingress = build_ingress(settings.telegram, bot, redis, intake_of, rooms.post, replica)
    policy_of = use_case["conversations"].while_busy
    together = Together(inbox, rooms.me, policy_of, cut_wait_s=wanted.cut_wait_s, meter=rooms.meter)
    hands = Hands(dispatcher, bot, apologies, rooms.me, meet=journal.ledger.meet)
    worker = Worker(
        inbox,
        Job(hands.handle, hands.apologise, together.choose),
        _terms(settings.workers),
        strain=lambda: governor.strain.degree,
        meter=rooms.meter,
    )
    return Works(ingress, worker, use_case["late"].collector, inbox, signals, dispatcher)


@dataclass(frozen=True, slots=True)
class Voices:
    """The two ways in which the bot speaks."""

    replies: LiveReplies
    notices: TelegramNotices


def _use_case(
    settings: Settings, rooms: Rooms, voices: Voices, running: RunningTurns, orders: RedisOrders
) -> dict[str, Any]:
    """Return the conversations and what they remember, by the names under which handlers ask for them."""
    history = RedisHistory(rooms.redis, settings.history.retention_days, settings.history.max_turns)
    exchanges = RedisExchanges(rooms.redis, settings.history.retention_days)
    chats = ChatState(rooms.redis)
    accounts = RedisAccounts(rooms.redis, rooms.bot.id, settings.prompts.timezone)
    late = build_late(
        settings,
        rooms.later,
        orders,
        Neighbours(
            prompts=rooms.prompts,
            history=history,
            exchanges=exchanges,
            replies=voices.replies,
            notices=voices.notices,
            running=running,
            accounts=accounts,
            witness=rooms.witness,
        ),
    )
    conversations = Conversations(
        prompts=rooms.prompts,
        chats=chats,
        history=history,
        exchanges=exchanges,
        model=rooms.model,
        photos=_photos(settings, rooms.bot),
        replies=voices.replies,
        running=running,
        witness=rooms.witness,
        accounts=accounts,
        stage=Stage(rooms.me.full_name, settings.default_model, settings.conversations.while_busy),
        ordering=late.ordering,
    )
    return {
        "conversations": conversations,
        "prompt_book": rooms.prompts,
        "chats": chats,
        "history": history,
        "exchanges": exchanges,
        "running": running,
        "orders": orders,
        "late": late,
        "accounts": accounts,
    }


def _pictures(
    settings: Settings, rooms: Rooms, gallery: TelegramGallery, known: dict[str, Any]
) -> dict[str, Any]:
    """Return what draws, and what it remembers, by the names under which handlers ask for them."""
    wanted = settings.yandex
    drawings = RedisDrawings(rooms.redis, rooms.bot.id, settings.history.retention_days)
    studio = Studio(
        wanted.image_model,
        tuple(wanted.image_fallback),
        most_characters=wanted.image_characters,
        timeout_s=wanted.image_timeout_s,
        look_s=wanted.image_poll_s,
    )
    drawer = Drawer(
        prompts=rooms.prompts,
        drawings=drawings,
        images=rooms.images,
        gallery=gallery,
        running=known["running"],
        accounts=known["accounts"],
        studio=studio,
    )
    return {
        "atelier": Atelier(drawer, drawings, known["chats"], gallery),
        "files": Files(rooms.bot, timeout_s=settings.telegram.request_timeout_s),
    }


def _classifications(
    settings: Settings, rooms: Rooms, replies: LiveReplies, known: dict[str, Any]
) -> Classifications:
    wanted = settings.yandex
    return Classifications(
        prompts=rooms.prompts,
        classifier=rooms.classifier,
        verdicts=RedisVerdicts(rooms.redis, rooms.bot.id),
        choices=known["chats"],
        replies=replies,
        running=known["running"],
        rules=_classifying_rules(wanted),
        accounts=known["accounts"],
    )


def _classifying_rules(wanted: Yandex) -> Rules:
    """Return the rules; while some texts are on their way at the pace of the service, others wait for it."""
    per_second = wanted.classifications_per_second
    return Rules(
        default_model=wanted.classifier_model,
        most_texts=wanted.most_texts,
        most_file_bytes=wanted.most_texts_kb * 1000,
        most_characters=wanted.most_text_characters,
        at_once=math.ceil(per_second) + 2 if per_second else _UNPACED_AT_ONCE,
    )


def _picture_words(language: str) -> tuple[str, str]:
    phrases = PHRASES[language]
    return phrases.pictures.drawing, f"⏹ {phrases.button_stop}"


def _photos(settings: Settings, bot: Bot) -> TelegramPhotos:
    wanted = settings.photos
    return TelegramPhotos(
        Files(bot, timeout_s=wanted.timeout_s),
        Scale(wanted.longest_px, round(wanted.most_mb * _MB)),
        timeout_s=wanted.timeout_s,
        cache_bytes=round(wanted.cache_mb * _MB),
    )


def _pace(settings: Settings) -> Pace:
    wanted = settings.replies
    return Pace(
        private_calls_per_second=wanted.private_calls_per_second,
        private_burst=wanted.private_burst,
        group_calls_per_minute=wanted.group_calls_per_minute,
        group_burst=wanted.group_burst,
        calls_per_second=settings.telegram.calls_per_second,
        frame_interval_s=wanted.frame_interval_s,
        patience_s=wanted.patience_s,
    )


def _reply_policy(settings: Settings) -> ReplyPolicy:
    return ReplyPolicy(settings.replies.transport, settings.replies.file_after_parts)


def _words(language: str) -> ReplyWords:
    phrases = PHRASES[language]
    return ReplyWords(
        stop_button=f"⏹ {phrases.button_stop}",
        again_button=f"🔄 {phrases.button_again}",
        continue_button=f"▶️ {phrases.button_continue}",
        thinking=phrases.thinking,
        in_line=phrases.in_line,
        stopped_mark=f"⏹ {phrases.stopped}",
        truncated_mark=f"✂️ {phrases.truncated}",
        empty_answer=phrases.empty_answer,
        file_caption=f"📄 {phrases.whole_as_file}",
    )


def _sentence(error: GovorunError, language: str) -> str:
    return f"⚠️ {sentence_for(error, PHRASES[language].failures)}"


def _terms(wanted: Workers) -> Terms:
    return Terms(
        concurrency=wanted.concurrency,
        lease_s=wanted.lease_s,
        attempts=wanted.attempts,
        stop_timeout_s=wanted.stop_timeout_s,
    )


def _replica_name() -> str:
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
