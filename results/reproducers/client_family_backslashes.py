"""multiprocessing.connection.Client: Client() treats a string that starts with two backslashes as
an ordinary file name if family is AF_UNIX.

Clause:   client.family.backslashes
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.Client
Observed: raised AttributeError("module 'socket' has no attribute 'AF_PIPE'")
Seen on:  CPython 3.15.2, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import tempfile
import traceback
from contextlib import contextmanager


def talk(one, other):
    """Fails unless each of two connections receives what the other sends, and nothing else."""
    for sender, receiver in (one, other), (other, one):
        got = receiver.poll()
        assert got is False, got
        sender.send(["an", "object"])
        got = receiver.recv()
        assert got == ["an", "object"], got


@contextmanager
def directory():
    """A temporary directory that is the current one."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as path:
        os.chdir(path)
        try:
            yield path
        finally:
            os.chdir(before)


def check(mp):
    if os.name != "nt":
        connection, name = multiprocessing.connection, r"\\name"
        with directory(), connection.Listener(name, "AF_UNIX") as listening:
            assert listening.address == name, (listening.address, name)
            with connection.Client(name, "AF_UNIX") as theirs, listening.accept() as mine:
                talk(mine, theirs)


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "AttributeError":
        return 1
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="fork"):
    try:
        context = multiprocessing.get_context(method)
    except ValueError as error:
        print("does not apply here:", error, file=sys.stderr)
        sys.exit(2)
    signal.signal(signal.SIGALRM, lambda number, frame: os._exit(3))
    signal.alarm(60)  # the end, if something hangs
    try:
        check(context)
    except Exception as error:
        traceback.print_exc()
        sys.exit(status_of(error))


if __name__ == "__main__":
    main(*sys.argv[1:])
