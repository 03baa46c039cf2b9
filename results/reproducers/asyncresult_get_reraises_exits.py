"""multiprocessing.pool.AsyncResult.get: get() raises the exception that the task raised, even if
the exception normally ends a process, such as SystemExit.

Clause:   asyncresult.get.reraises-exits
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.AsyncResult.get
Observed: check() below does not come to an end: it waits forever
Seen on:  CPython 3.15.2, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import builtins
import faulthandler
import multiprocessing
import os
import signal
import subprocess
import sys
import traceback
from contextlib import contextmanager, suppress


@contextmanager
def raises(expected, *args):
    try:
        yield
    except expected as error:
        assert not args or error.args == args, error.args
    else:
        raise AssertionError("%s was not raised" % expected.__name__)


def fail(kind):
    raise kind(3)


def one_by_one(workers, task, item):
    """The result of each asynchronous method, for a task and its only argument; submitted when it is asked for."""
    yield workers.apply_async(task, (item,))
    yield workers.map_async(task, [item])
    yield workers.starmap_async(task, [(item,)])


def check(mp, kind="SystemExit"):
    kind = getattr(builtins, kind)
    with mp.Pool(1) as workers:
        for each in one_by_one(workers, fail, kind):
            with raises(kind, 3):
                each.get()


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
