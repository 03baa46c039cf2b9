"""multiprocessing.managers.SyncManager: Lists and dicts can be nested in each other, and nested
objects stay shared even if no other proxy of them is left.

Clause:   proxy.nested.mixed
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.SyncManager
Observed: (str(outer[0]), str(outer[1])) was ('{}', '{}'), expected ("{'a': 1, 'b': 2}", "{'c': 3}")
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import billiard
import gc
import os
import signal
import subprocess
import sys
import traceback
from contextlib import suppress
from functools import lru_cache


def collect():
    """Collects garbage; without reference counts, a finalizer may need another round."""
    for _ in range(3):
        gc.collect()


def newcomer(mp, before):
    """The process of a manager that was made meanwhile; its main thread looks at a flag from time to time."""
    (server,) = [process for process in mp.active_children() if process not in before]
    return server


@lru_cache(maxsize=None)
def shared(mp):
    """One manager for all checks of a script, with which it ends."""
    kept = mp.Manager()
    return kept


def check(mp):
    kept = shared(mp)
    outer = kept.list([kept.dict() for _ in range(2)])
    outer.append(kept.dict(deep=kept.list([kept.Namespace()])))
    collect()
    first = outer[0]
    first["a"] = 1
    first["b"] = 2
    outer[1]["c"] = 3
    outer[2]["deep"][0].x = 4
    got = (str(outer[0]), str(outer[1]))
    assert got == ("{'a': 1, 'b': 2}", "{'c': 3}"), got
    got = str(outer[2]["deep"][0])
    assert got == "Namespace(x=4)", got


def main(method="fork", role="parent"):
    if role == "check":
        try:
            check(billiard.get_context(method))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)  # without waiting for what the check leaves behind
    try:
        billiard.get_context(method)
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
