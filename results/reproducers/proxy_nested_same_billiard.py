r"""multiprocessing (proxy objects): A proxy stored in a container is returned as a proxy for the
same referent, and the str() of the container shows it as a proxy.

Clause:   proxy.nested.same
Manual:   https://docs.python.org/3/library/multiprocessing.html#proxy-objects
Observed: re.fullmatch(r"\[<ListProxy object, typeid 'list' at .*>\]", str(outer))
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import billiard
import os
import re
import signal
import subprocess
import sys
import traceback
from contextlib import suppress
from functools import lru_cache


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
    outer, inner = kept.list(), kept.list()
    outer.append(inner)
    assert re.fullmatch(r"\[<ListProxy object, typeid 'list' at .*>\]", str(outer))
    inner.append("hello")
    got = (str(outer[0]), str(inner))
    assert got == ("['hello']", "['hello']"), got
    outer[0].append("again")
    got = inner._getvalue()
    assert got == ["hello", "again"], got
    got = type(outer._getvalue()[0])
    assert got is type(inner), got


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
