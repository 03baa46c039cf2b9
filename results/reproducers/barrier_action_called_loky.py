"""multiprocessing.Barrier.wait: The action is called by one of the parties, exactly once each time
they meet, before any of them passes.

Clause:   barrier.action.called
Manual:   https://docs.python.org/3/library/threading.html#threading.Barrier.wait
Observed: raised TypeError("cannot pickle 'mmap.mmap' object")
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


class Counting:
    """An action that counts its calls in shared memory; while it runs, all others wait."""

    def __init__(self, calls):
        self.calls = calls

    def __call__(self):
        self.calls.value += 1


def meet(meeting, calls, rounds):
    for number in range(rounds):
        meeting.wait()
        assert calls.value == number + 1, calls.value  # the other one cannot meet anybody else


def check(mp, rounds=1):
    calls = mp.RawValue("i", 0)
    meeting = mp.Barrier(2, Counting(calls))
    with child(mp, meet, meeting, calls, rounds) as other:
        meet(meeting, calls, rounds)
    assert other.exitcode == 0, other.exitcode


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
