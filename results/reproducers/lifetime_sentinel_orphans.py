"""multiprocessing.Process.sentinel: Process.sentinel is ready once the process itself has ended,
even if a child of the process continues.

Clause:   lifetime.sentinel.orphans
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.sentinel
Observed: check() below does not come to an end: it waits forever
Seen on:  CPython 3.15.2, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import faulthandler
import multiprocessing
import os
import signal
import subprocess
import sys
import traceback
from contextlib import contextmanager, suppress
from multiprocessing import connection


@contextmanager
def child(mp, target, *args):
    process = mp.Process(target=target, args=args)
    process.start()
    try:
        yield process
    except BaseException:
        process.kill()
        raise
    finally:
        process.join()


def kill(pid):
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def heard(receiver):
    """All messages until the end of the pipe."""
    messages = []
    try:
        while True:
            messages.append(receiver.recv())
    except EOFError:
        return messages


def answer(receiver, sender):
    sender.send("ready")
    sender.send(receiver.recv())


def have_a_child(mp, receiver, sender, held):
    with child(mp, answer, receiver, sender):
        held.recv()


def check(mp):
    held_by_child, end_child = mp.Pipe(False)
    theirs, questions = mp.Pipe(False)
    answers, sender = mp.Pipe(False)
    with held_by_child, end_child, theirs, questions, answers:
        with sender, child(mp, have_a_child, mp, theirs, sender, held_by_child) as p:
            sender.close()
            got = answers.recv()
            assert got == "ready", got
            kill(p.pid)
            got = connection.wait([p.sentinel])
            assert got == [p.sentinel], got
        questions.send("go")
        got = heard(answers)
        assert got == ["go"], got


def main(method="fork", role="parent"):
    if role == "check":
        faulthandler.dump_traceback_later(9)
        try:
            check(multiprocessing.get_context(method))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)  # without waiting for what the check leaves behind
    try:
        multiprocessing.get_context(method)
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    # The check has a session of its own, so that whatever hangs can be ended with its children.
    process = subprocess.Popen([sys.executable, __file__, method, "check"], start_new_session=True)
    try:
        status = process.wait(timeout=10)
        sys.exit(status)
    except subprocess.TimeoutExpired:
        sys.exit("check() has not returned after 10 seconds")
    finally:
        process.kill()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)  # what it left; the resource tracker lives on and cleans up
        process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
