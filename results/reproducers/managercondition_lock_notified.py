"""multiprocessing.managers.SyncManager.Condition: wait() releases the lock whose proxy was passed
to Condition(), so that another process can acquire the lock and call notify().

Clause:   managercondition.lock.notified
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.SyncManager.Condition
Observed: raised RuntimeError('cannot notify on un-acquired lock')
Seen on:  CPython 3.15.2, start method forkserver

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
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


def main(method="forkserver", role="parent"):
    if role == "check":
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
        status = process.wait(timeout=60)
        sys.exit(status)
    except subprocess.TimeoutExpired:
        print("check() has not returned after 60 seconds", file=sys.stderr)
        sys.exit(2)
    finally:
        process.kill()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)  # what it left; the resource tracker lives on and cleans up
        process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
