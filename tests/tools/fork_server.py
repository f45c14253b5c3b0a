"""`python -m tests.tools.fork_server`: a process that has imported the bot, and forks one for every order.

What the bot imports takes seconds of processor time, and a fork takes milliseconds. Each child becomes
`python -m bot` with its own arguments, environment, folder and streams, and ends as any Python does. This
process has no threads and no event loop. When the other end of its standard input is closed, which a kill of
the tests does too, it kills the children that are left and ends.

An order is one byte with three file descriptors: standard output, standard error, and a socket on which the
child reads a line of JSON with the rest. On the same socket a line tells its process id, and another one at its
end the exit code, which is negative when a signal killed it.
"""

import gc
import json
import os
import runpy
import select
import signal
import socket
import sys
from collections.abc import MutableMapping
from typing import NamedTuple

import bot.app
import bot.desk.command
import bot.desk.opening
import bot.sandbox.play
import handlers

IMPORTED = (bot.app, bot.desk.command, bot.desk.opening, bot.sandbox.play, handlers)
"""All that the commands import, save for the command line itself: that is run by each child anew."""


class Order(NamedTuple):
    """What the caller sent along."""

    stdout: int
    stderr: int
    talk: socket.socket


def main() -> None:
    """Serve; in a child, go on as the bot."""
    gc.freeze()  # or each child would look through all the imports for garbage at its end, for two seconds
    if order := _served(socket.socket(fileno=0)):
        _become_the_bot(order)


def _served(orders: socket.socket) -> Order | None:
    """Return the order in the child that is to fulfil it, and None here when no more can come."""
    talks: dict[int, socket.socket] = {}
    bell, rope = socket.socketpair()
    rope.setblocking(False)  # noqa: FBT003 - the library's own signature
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests, whose end is ours
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(rope.fileno())
    while True:
        ready, _, _ = select.select([orders, bell], [], [])
        if bell in ready:
            bell.recv(4096)
            _tell_of_the_dead(talks)
        if orders not in ready:
            continue
        _, descriptors, _, _ = socket.recv_fds(orders, 1, 3)
        if not descriptors:
            _kill(talks)
            return None
        stdout, stderr, talk = descriptors
        order = Order(stdout, stderr, socket.socket(fileno=talk))
        if not (pid := os.fork()):
            _forget((orders, bell, rope, *talks.values()))
            return order
        order.talk.sendall(f"{pid}\n".encode())
        talks[pid] = order.talk
        os.close(stdout)
        os.close(stderr)


def _tell_of_the_dead(talks: MutableMapping[int, socket.socket]) -> None:
    while talks:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        with talks.pop(pid) as talk:
            talk.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _kill(talks: MutableMapping[int, socket.socket]) -> None:
    for pid in talks:
        os.kill(pid, signal.SIGKILL)


def _forget(inherited: tuple[socket.socket, ...]) -> None:
    """Drop in a child what is its parent's."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for each in inherited:
        each.close()


def _become_the_bot(order: Order) -> None:
    with order.talk, order.talk.makefile(encoding="utf-8") as lines:
        wanted = json.loads(lines.readline())
    for descriptor, number in ((os.open(os.devnull, os.O_RDONLY), 0), (order.stdout, 1), (order.stderr, 2)):
        if descriptor != number:
            os.dup2(descriptor, number)
            os.close(descriptor)
    os.chdir(wanted["cwd"])
    os.environ.clear()
    os.environ.update(wanted["env"])
    sys.argv = ["", *wanted["arguments"]]
    sys.path[0] = wanted["cwd"]
    runpy.run_module("bot", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
