"""multiprocessing.parent_process: The object returned by parent_process() can be joined, with or
without a timeout, and its is_alive() returns False once the parent has ended.

Clause:   context.parent_process.ended
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.parent_process
Observed: check() below does not come to an end: it waits forever
Seen on:  loky and CPython 3.13.0, start method loky

Usage: python reproducer.py [loky|loky_init_main]    (default: loky)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import faulthandler
import loky.backend
import os
import signal
import subprocess
import sys
import time
import traceback
from contextlib import contextmanager, suppress


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


@contextmanager
def raises(expected):
    try:
        yield
    except expected:
        return
    raise AssertionError("%s was not raised" % expected.__name__)


def have_a_child(mp, conn, gate):
    with child(mp, watch_parent, mp, conn, os.getpid()):
        gate.acquire()


def watch_parent(mp, conn, expected):
    parent, start = mp.parent_process(), time.monotonic()
    parent.join(0.02)
    waited = time.monotonic() - start
    conn.send((parent.pid == expected, parent.is_alive(), waited >= 0.019))
    parent.join()
    conn.send(parent.is_alive())


def check(mp):
    receiver, sender = mp.Pipe(False)
    gate = mp.Semaphore(0)
    with receiver, child(mp, have_a_child, mp, sender, gate) as process:
        sender.close()
        got = receiver.recv()
        assert got == (True, True, True), got
        kill(process.pid)
        got = receiver.recv()
        assert got is False, got
        with raises(EOFError):  # when the grandchild has ended
            receiver.recv()


def main(method="loky", role="parent"):
    if role == "check":
        faulthandler.dump_traceback_later(9)
        try:
            check(loky.backend.get_context(method))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)  # without waiting for what the check leaves behind
    try:
        loky.backend.get_context(method)
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
