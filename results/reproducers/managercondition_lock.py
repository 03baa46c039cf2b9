"""multiprocessing.managers.SyncManager.Condition: Condition(lock) uses the lock that the given
proxy refers to: a process that holds either holds both.

Clause:   managercondition.lock
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.SyncManager.Condition
Observed: raised RuntimeError('cannot release un-acquired lock')
Seen on:  CPython 3.15.2, start method forkserver

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import traceback
from contextlib import contextmanager, suppress


@contextmanager
def child(mp, target, *args):
    process = mp.Process(target=target, args=args)
    process.start()
    try:
        yield process
    except BaseException:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)  # whatever is wrong with process.kill()
        raise
    finally:
        process.join()


started = []  # the manager of this script, once it is needed


def manager(mp):
    """The manager in which the objects of one script live: one is enough, and it ends with the script."""
    if not started:
        started.append(mp.Manager())
    return started[0]


def try_it(lock, answers):
    answers.send(lock.acquire(False))


def one_lock(mp, lock, cond):
    """Whoever holds the lock holds the condition, and the other way round."""
    receiver, sender = mp.Pipe(duplex=False)
    for holder in lock, cond:
        got = holder.acquire()
        assert got is True, got
        for other in lock, cond:
            with child(mp, try_it, other, sender):
                got = receiver.recv()
                assert got is False, got
        got = cond.wait(0)
        assert got is False, got
        holder.release()
    with child(mp, try_it, cond, sender):
        got = receiver.recv()
        assert got is True, got


def check(mp, kind="RLock"):
    lock = getattr(manager(mp), kind)()
    one_lock(mp, lock, manager(mp).Condition(lock))


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "RuntimeError":
        return 1
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="forkserver", role="parent"):
    try:
        context = multiprocessing.get_context(method)
    except ValueError as error:
        print("does not apply here:", error, file=sys.stderr)
        sys.exit(2)
    if role == "check":
        try:
            check(context)
        except BaseException as error:
            traceback.print_exc()
            os._exit(status_of(error))
        os._exit(0)  # without waiting for what the check leaves behind
    # The check has a session of its own, so that whatever hangs can be ended with its children.
    process = subprocess.Popen([sys.executable, __file__, method, "check"], start_new_session=True)
    try:
        status = process.wait(timeout=60)
        sys.exit(status if status in (0, 1, 2) else 3)
    except subprocess.TimeoutExpired:
        print("check() is not over after 60 seconds", file=sys.stderr)
        sys.exit(3)
    finally:
        process.kill()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)  # what it left; the resource tracker lives on and cleans up
        process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
