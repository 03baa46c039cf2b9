"""multiprocessing.Process.close: start(), join(), is_alive(), terminate(), kill(), interrupt(),
pid, exitcode and sentinel of a process raise ValueError after close().

Clause:   lifetime.close.useless
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.close
Observed: raised AttributeError("'Popen' object has no attribute 'close'")
Seen on:  loky and CPython 3.13.0, start method loky

Usage: python reproducer.py [loky|loky_init_main]    (default: loky)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import loky.backend
import os
import signal
import subprocess
import sys
import traceback
from contextlib import contextmanager, suppress


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


@contextmanager
def started(process):
    """As ``child()`` does, for a process that was made otherwise."""
    process.start()
    try:
        yield process
    except BaseException:
        kill(process.pid)
        process.join()
        raise
    process.join()


def nothing():
    """What a process does that is only to end."""


def check(mp):
    p = mp.Process(target=nothing)
    with started(p):
        pass
    p.close()
    # The manual says most methods and attributes. Of these, no use is left without resources.
    for name in "start", "join", "is_alive", "terminate", "kill", "interrupt":
        if name != "interrupt" or sys.version_info >= (3, 14):
            with raises(ValueError):
                getattr(p, name)()
    for name in "pid", "exitcode", "sentinel":
        with raises(ValueError):
            getattr(p, name)


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
