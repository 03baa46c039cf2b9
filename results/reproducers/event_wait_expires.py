"""multiprocessing.Event.wait: wait() returns False once timeout seconds have elapsed with the flag
still false, and no earlier; at once if timeout is zero or negative.

Clause:   event.wait.expires
Manual:   https://docs.python.org/3/library/threading.html#threading.Event.wait
Observed: wait(timeout=3600.0) returned False
Seen on:  CPython 3.15.2, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import multiprocessing
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from contextlib import contextmanager, suppress


@contextmanager
def meeting():
    """A directory with a pipe in which processes of any start method say that they are ready, and its other end."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "ready")
        os.mkfifo(path)
        with open(path, "r+b", buffering=0) as words:
            yield directory, words


def announce(directory):
    """Says that this process is ready."""
    with open(os.path.join(directory, "ready"), "wb") as pipe:
        pipe.write(b"1")


def await_word(words, process):
    """Waits until a process says that it is ready, for a minute at most."""
    for _ in range(600):
        lives = process.is_alive()
        if select.select([words], [], [], 0.1)[0]:
            return words.read(1)
        if not lives:
            break
    raise RuntimeError("a process did not become ready")


def wait(event, directory):
    announce(directory)
    event.wait(timeout=3600.0)


def wait_again(event, directory):
    announce(directory)
    result = event.wait(timeout=3600.0)
    assert result is True, f"event.wait(timeout=3600.0) returned {result!r}"


def attempt(mp):
    with meeting() as (directory, words):
        event = mp.Event()
        first = mp.Process(target=wait, args=(event, directory), daemon=True)
        first.start()
        await_word(words, first)
        time.sleep(0.05)  # until it waits
        second = mp.Process(target=wait_again, args=(event, directory), daemon=True)
        second.start()
        await_word(words, second)
        time.sleep(0.05)  # until it waits
        event.set()
        event.clear()
        second.join(0.25)
        assert second.exitcode in (None, 0), f"its exit code is {second.exitcode}"


def check(mp):
    end = time.monotonic() + 15
    for number in range(1, 40 + 1):
        try:
            attempt(mp)
        except AssertionError as error:
            raise AssertionError(f"{error} (shown in 1 of {number} rounds)") from None
        finally:
            for process in mp.active_children():
                process.terminate()
                process.join()
        if time.monotonic() > end:
            break
    print(f"shown in 0 of {number} rounds")


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="fork", role="parent"):
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
