"""How the rooms are wired together: who gets what, in one place."""

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

from bot.app.ingress import build_ingress
from bot.conversation import Conversations, Stage
from bot.errors import GovorunError
from bot.history import Admissions, ChatState, RedisExchanges, RedisHistory
from bot.ports import Meter, ModelBackend, Unbooked, Uncounted, Witness
from bot.promptbook import PromptBook
from bot.replies.governor import Governor
from bot.replies.journal import Journal
from bot.replies.live import LiveReplies
from bot.replies.notices import TelegramNotices
from bot.replies.pace import Pace
from bot.replies.voice import ReplyWords, Voice
from bot.replies.ways import Policy as ReplyPolicy
from bot.running import RunningTurns
from bot.settings import Policy, Settings, Workers
from bot.texts import PHRASES, sentence_for
from bot.updates.apologies import Apologies, FullNotice, WaitingNotice
from bot.updates.door import Door, DoorPolicy
from bot.updates.hands import Hands
from bot.updates.inbox import Limits, RedisInbox
from bot.updates.ingress import Ingress
from bot.updates.intake import Intake
from bot.updates.introductions import Introductions
from bot.updates.signals import Signals
from bot.updates.together import Together
from bot.updates.webhook import Webhook
from bot.updates.worker import Job, Terms, Worker


@dataclass(frozen=True, slots=True)
class Rooms:
    """What is open and waits to be wired."""

    redis: Redis
    bot: Bot
    me: User
    prompts: PromptBook
    model: ModelBackend
    witness: Witness
    meter: Meter = field(default_factory=Uncounted)
    webhook: Webhook | None = None
    """None: updates are polled."""


@dataclass(frozen=True, slots=True)
class Works:
    """What runs until the bot is told to stop."""

    ingress: Ingress
    worker: Worker
    inbox: RedisInbox
    signals: Signals
    dispatcher: Dispatcher


def build(settings: Settings, features: Sequence[Callable[[], Router]], rooms: Rooms) -> Works:
    """Wire everything; nothing is started and nothing is asked of anybody yet."""
    bot, redis = rooms.bot, rooms.redis
    governor, journal = Governor(redis, bot.id, _pace(settings), meter=rooms.meter), Journal(redis, bot.id)
    notices = TelegramNotices(bot, governor, journal.ledger)
    waiting = WaitingNotice(notices, bot.id, time.monotonic)
    apologies = Apologies(notices, waiting)
    policy = DoorPolicy(settings.access.owners, is_open=settings.access.policy is Policy.OPEN)
    admissions = Admissions(redis, bot.id)
    replies = LiveReplies(bot, governor, journal, Voice(_words, _sentence), policy=_reply_policy(settings))
    signals = Signals(redis, bot.id, rooms.me)
    use_case = _use_case(settings, rooms, replies, RunningTurns(signals))
    dispatcher = Dispatcher(disable_fsm=True, notices=notices, admissions=admissions, me=rooms.me, **use_case)
    for middleware in (
        Introductions(policy.owners),
        apologies,
        Door(policy, admissions, notices, me=rooms.me),
    ):
        dispatcher.update.outer_middleware(middleware)
    dispatcher.include_routers(*(build_router() for build_router in features))
    replica = _replica_name()
    wanted = settings.conversations
    limits = Limits(wanted.most_waiting, wanted.most_waiting_per_person)
    inbox = RedisInbox(redis, bot.id, consumer=replica, limits=limits)
    full = FullNotice(notices, rooms.me)
    intake = Intake(inbox, bot.id, when_kept_waiting=waiting, when_full=full, meter=rooms.meter)
    ingress = build_ingress(settings.telegram, bot, redis, intake, rooms.webhook, replica)
    policy_of = use_case["conversations"].while_busy
    together = Together(inbox, rooms.me, policy_of, cut_wait_s=wanted.cut_wait_s, meter=rooms.meter)
    hands = Hands(dispatcher, bot, apologies, rooms.me)
    worker = Worker(
        inbox,
        Job(hands.handle, hands.apologise, together.choose),
        _terms(settings.workers),
        strain=lambda: governor.strain.degree,
        meter=rooms.meter,
    )
    return Works(ingress, worker, inbox, signals, dispatcher)


def _use_case(settings: Settings, rooms: Rooms, replies: LiveReplies, running: RunningTurns) -> dict[str, Any]:
    """Return the conversations and what they remember, by the names under which handlers ask for them."""
    history = RedisHistory(rooms.redis, settings.history.retention_days, settings.history.max_turns)
    exchanges = RedisExchanges(rooms.redis, settings.history.retention_days)
    chats = ChatState(rooms.redis)
    conversations = Conversations(
        prompts=rooms.prompts,
        chats=chats,
        history=history,
        exchanges=exchanges,
        model=rooms.model,
        replies=replies,
        running=running,
        witness=rooms.witness,
        stage=Stage(rooms.me.full_name, settings.yandex.model, settings.conversations.while_busy),
    )
    return {
        "conversations": conversations,
        "prompt_book": rooms.prompts,
        "chats": chats,
        "history": history,
        "exchanges": exchanges,
        "running": running,
        "accounts": Unbooked(),
    }


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
