"""multiprocessing.managers.SyncManager.Condition: wait() releases the lock whose proxy was passed
to Condition(), so that another process can acquire the lock and call notify().

Clause:   managercondition.lock.notified
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.SyncManager.Condition
Observed: raised RuntimeError('cannot notify on un-acquired lock')
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
from contextlib import suppress

started = []  # the manager of this script, once it is needed


def manager(mp):
    """The manager in which the objects of one script live: one is enough, and it ends with the script."""
    if not started:
        started.append(mp.Manager())
    return started[0]


def sleep_until_told(cond, ready):
    with cond:
        ready.release()
        got = cond.wait()
        assert got is True, got


def wakes_up(mp, cond, ready, waiters):
    """As many processes wait, and are notified."""
    processes = [mp.Process(target=sleep_until_told, args=(cond, ready)) for _ in range(waiters)]
    for process in processes:
        process.start()
    for _ in processes:
        ready.acquire()
    with cond:  # whoever was ready has given up the lock in wait()
        cond.notify(waiters)
    for process in processes:
        process.join()
    got = [process.exitcode for process in processes]
    assert got == [0] * waiters, got


def check(mp, kind="RLock"):
    served = manager(mp)
    wakes_up(mp, served.Condition(getattr(served, kind)()), served.Semaphore(0), 1)


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
