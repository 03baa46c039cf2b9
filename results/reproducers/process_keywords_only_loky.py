"""The constructor takes daemon by its name only, and no argument of any other name.

That is what the documentation promises:
https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process

With loky and CPython 3.13.0 and the start method loky, instead:

    builtins.TypeError was promised, and nothing was raised

Usage: python reproducer.py [loky|loky_init_main]    (default: loky)
It exits with 1 if the bug shows, with 0 if it does not.
"""

import loky.backend
import os
import signal
import subprocess
import sys
import traceback
from contextlib import contextmanager, suppress


@contextmanager
def raises(expected):
    try:
        yield
    except expected:
        return
    raise AssertionError("%s was not raised" % expected.__name__)


def nothing():
    """What a process does that is only to end."""


def check(mp):
    for arguments, named in ((None, nothing, None, (), {}, True), {}), ((), {"target": nothing, "demon": True}):
        with raises(TypeError):
            mp.Process(*arguments, **named)


def main(method="loky", role="parent"):
    if role == "check":
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
