"""What a check has in its source to be tried in rounds: processes that say when they are ready, and the loop.

A script waits for facts, not for time: under load a process takes seconds to start. Only the pipe and the file system
are used for that, so nothing that is under test decides it.
"""

from textwrap import indent

SECONDS = 15  # that rounds with processes of their own may take
ROUNDS = 40  # at most
A_WHILE = 0.05  # seconds that a process that is ready gets to begin to wait: it decides how often the bug occurs

READY = '''\
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
    raise RuntimeError("a process did not become ready")'''
IMPORTS = ("import os", "import select", "import tempfile", "import time", "from contextlib import contextmanager")

TOGETHER = '''\
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
        process.join()'''

ONE_BY_ONE = """\
def check(mp):
    end = time.monotonic() + {seconds}
    for number in range(1, {rounds} + 1):
        try:
            attempt(mp)
        except AssertionError as error:
            raise AssertionError(f"{{error}} (shown in 1 of {{number}} rounds)") from None
        finally:
            for process in mp.active_children():
                process.terminate()
                process.join()
        if time.monotonic() > end:
            break
    print(f"shown in 0 of {{number}} rounds")
"""
IN_BATCHES = """\
def check(mp):
    rounds, end = 0, time.monotonic() + {seconds}
    while time.monotonic() < end:
        wrong = race(mp)
        rounds += OBJECTS
        assert not wrong, f"{{wrong[0]}} (shown in {{len(wrong)}} of {{rounds}} rounds)"
    print(f"shown in 0 of {{rounds}} rounds")
"""


def in_meeting(lines: list[str]) -> list[str]:
    """Lines in the block in which processes can say that they are ready."""
    return ["with meeting() as (directory, words):", indent("\n".join(lines), "    ")]


def one_by_one() -> str:
    """The check that makes attempts until one shows the bug, or there were enough."""
    return ONE_BY_ONE.format(seconds=SECONDS, rounds=ROUNDS)


def in_batches(seconds: float) -> str:
    """The check that races on many objects until some show the bug, or for so many seconds."""
    return IN_BATCHES.format(seconds=f"{seconds:g}")
