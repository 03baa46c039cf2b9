"""multiprocessing.parent_process: The object returned by parent_process() can be joined, with or
without a timeout, and its is_alive() returns False once the parent has ended.

Clause:   context.parent_process.ended
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.parent_process
Observed: check() below does not come to an end: it waits forever
Seen on:  loky and CPython 3.13.0, start method loky

Usage: python reproducer.py [loky|loky_init_main]    (default: loky)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import faulthandler
import glob
import os
import signal
import subprocess
import sys
import time
import traceback
from collections import deque
from contextlib import contextmanager, suppress

try:
    import loky.backend
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(2)


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


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def activity(session):
    """What the threads of a session have used of the processors: the same again while all of them sleep."""
    found = []
    for path in glob.glob("/proc/[0-9]*/task/*/stat"):
        with suppress(OSError), open(path) as file:
            fields = file.read().rpartition(")")[2].split()
            if fields[3] == str(session):
                found.append((path, fields[11:13], fields[0] in "RD" and time.monotonic()))
    return found


def await_end(process):
    """The status of the check; 1 if it waits forever: its threads sleep for 10 seconds, not just for long."""
    before, busy = None, deque(maxlen=50)
    for _ in range(300):
        with suppress(subprocess.TimeoutExpired):
            return process.wait(timeout=0.2)
        now = activity(process.pid)
        busy.append(now != before)
        before = now
        if len(busy) == busy.maxlen and sum(busy) <= len(busy) // 10:  # a server may look at a flag each second
            print("check() has not returned, and nothing has happened for 10 seconds", file=sys.stderr)
            return 1
    print("check() is not over after 60 seconds, and still works", file=sys.stderr)
    return 3


def main(method="loky", role="parent"):
    try:
        context = loky.backend.get_context(method)
    except ValueError as error:
        print("does not apply here:", error, file=sys.stderr)
        sys.exit(2)
    if role == "check":
        faulthandler.dump_traceback_later(10)
        try:
            check(context)
        except BaseException as error:
            traceback.print_exc()
            os._exit(status_of(error))
        os._exit(0)  # without waiting for what the check leaves behind
    # The check has a session of its own, so that whatever hangs can be ended with its children.
    process = subprocess.Popen([sys.executable, __file__, method, "check"], start_new_session=True)
    try:
        sys.exit(await_end(process))
    finally:
        process.kill()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)  # what it left; the resource tracker lives on and cleans up
        process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
