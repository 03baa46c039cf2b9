"""multiprocessing.pool.Pool: Pool() starts as many workers as os.process_cpu_count() returns, or
os.cpu_count() before Python 3.13.

Clause:   workers.count-by-default
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.Pool
Observed: len(processes) was 2, expected 1
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import os
import signal
import subprocess
import sys
import traceback
from contextlib import contextmanager, suppress

try:
    import billiard
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(2)


@contextmanager
def some_processors(only_one):
    """Lets this thread, and the processes that it starts, run on all processors or, where the system can, on one."""
    if not only_one or not hasattr(os, "sched_setaffinity"):
        yield
        return
    usable = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(usable)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, usable)


def processors():
    """What the manual of this version says to be the number of workers, if None is asked for."""
    return os.process_cpu_count() if sys.version_info >= (3, 13) else os.cpu_count()


def workers_since(mp, before):
    return [process for process in mp.active_children() if process not in before]


def check(mp):
    before = mp.active_children()
    for only_one in False, True:
        with some_processors(only_one), mp.Pool() as started:
            processes = workers_since(mp, before)
            got = len(processes)
            assert got == processors(), got
        started.join()


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="fork", role="parent"):
    try:
        context = billiard.get_context(method)
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
