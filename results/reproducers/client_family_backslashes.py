"""multiprocessing.connection.Client: Client() treats a string that starts with two backslashes as
an ordinary file name if family is AF_UNIX.

Clause:   client.family.backslashes
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.Client
Observed: raised AttributeError("module 'socket' has no attribute 'AF_PIPE'")
Seen on:  CPython 3.15.2, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import tempfile
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


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "fork")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
