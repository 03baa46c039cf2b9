"""multiprocessing.Lock: A with block raises ValueError at its end if the lock has already been
released.

Clause:   lock.exit.unlocked
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Lock
Observed: exit() returned None
Seen on:  PyPy 3.11.17, start method fork

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

OBJECTS = 2000
PAUSE = 0.001  # seconds from one object to the next


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


def start(processes, directory, words):
    """Starts processes, and lets them begin together once all are ready."""
    for process in processes:
        process.start()
    for process in processes:
        await_word(words, process)
    path = os.path.join(directory, "begin")
    with open(path + ".new", "w") as file:
        file.write(repr(time.monotonic() + 0.02))
    os.rename(path + ".new", path)


def moment(directory):
    """Says that this process is ready, and returns the time at which all begin."""
    announce(directory)
    path = os.path.join(directory, "begin")
    for _ in range(60000):
        if os.path.exists(path):
            break
        time.sleep(0.001)
    with open(path) as file:
        return float(file.read())


def wait_until(moment):
    """Spins, so that all processes go on at the same moment."""
    while time.monotonic() < moment:
        pass


def stop(processes):
    for process in processes:
        process.terminate()
        process.join()


def outcome(function):
    """What a function returns or raises, in words."""
    try:
        return f"returned {function()!r}"
    except Exception as error:
        return f"raised {type(error).__name__}"


def lines(directory, name):
    with open(os.path.join(directory, name)) as file:
        return file.read().splitlines()


def exit_it(locks, directory, path):
    begin = moment(directory)
    with open(path, "w", buffering=1) as file:
        for number, lock in enumerate(locks):
            wait_until(begin + number * PAUSE)
            print(outcome(lambda: lock.__exit__(None, None, None)), file=file)


def race(mp):
    locks = [mp.Lock() for _ in range(OBJECTS)]
    for lock in locks:
        lock.acquire(False)
    with meeting() as (directory, words):
        processes = [
            mp.Process(target=exit_it, args=(locks, directory, os.path.join(directory, "first")), daemon=True),
            mp.Process(target=exit_it, args=(locks, directory, os.path.join(directory, "second")), daemon=True),
        ]
        start(processes, directory, words)
        end = time.monotonic() + OBJECTS * PAUSE + 5
        for process in processes:
            process.join(max(0, end - time.monotonic()))
        failed = any(process.exitcode for process in processes)
        stop(processes)
        wrong = []
        for first, second in zip(lines(directory, "first"), lines(directory, "second")):
            if first.startswith("returned ") and second.startswith("returned "):
                wrong.append(f"lock.__exit__(None, None, None) {first}, lock.__exit__(None, None, None) {second}")
        if failed and not wrong:
            raise RuntimeError("a process failed, which shows nothing")
        return wrong


def check(mp):
    rounds, end = 0, time.monotonic() + 10
    while time.monotonic() < end:
        wrong = race(mp)
        rounds += OBJECTS
        assert not wrong, f"{wrong[0]} (shown in {len(wrong)} of {rounds} rounds)"
    print(f"shown in 0 of {rounds} rounds")


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
