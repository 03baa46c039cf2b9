r"""multiprocessing.shared_memory.SharedMemory: All processes of a program share one resource
tracker: the block of a child remains when the child ends, even if it is the first one.

Clause:   sharedmemory.track.shared
Manual:   https://docs.python.org/3/library/multiprocessing.shared_memory.html#multiprocessing.shared_memory.SharedMemory
Observed: (ended.status, ended.output) was (0, 'gone 0\n'), expected (0, 'there 0\n')
Seen on:  CPython 3.15.2, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections import namedtuple
from contextlib import contextmanager, suppress
from multiprocessing import shared_memory
from secrets import token_hex

Ended = namedtuple("Ended", "status output errors")


def program(source, *arguments, interpreter=sys.executable):
    """Runs source as the main module of a new interpreter."""
    with tempfile.TemporaryDirectory() as directory:
        path, output, errors = (os.path.join(directory, name) for name in ("program.py", "output", "errors"))
        with open(path, "w") as file:
            file.write("import multiprocessing as mp\n" + source)
        # Files, not pipes: a child that outlives the program would keep a pipe open.
        with open(output, "w+") as out, open(errors, "w+") as err:
            status = subprocess.call([interpreter, path, *arguments], stdout=out, stderr=err)
            out.seek(0)
            err.seek(0)
            return Ended(status, out.read(), err.read())


def fresh():
    """A name that nobody uses, short enough for every system."""
    return "mpc" + token_hex(5)


def quietly(*steps):
    """Tidies up: what the check itself has closed or unlinked need not be possible again."""
    for step in steps:
        try:
            step()
        except Exception:
            pass


@contextmanager
def reserved(mp, **options):
    """A fresh name; if there is a block of this name in the end, it is deleted."""
    name = fresh()
    try:
        yield name
    finally:
        try:
            shm = shared_memory.SharedMemory(name, **options)
        except Exception:
            pass
        else:
            quietly(shm.close, shm.unlink)


TRACKED = """
import importlib, os, signal, sys

shared_memory = getattr(mp, "shared_memory", None) or importlib.import_module(mp.__name__ + ".shared_memory")
name, step, fifo, method = sys.argv[1:]
untracked = {"track": False}

def create(name):
    shared_memory.SharedMemory(name, create=True, size=16).close()

def create_and_leave():
    create(name)
    other = shared_memory.SharedMemory(create=True, size=16)
    other.close()
    other.unlink()  # which says nothing about the first one

def list_and_leave():
    shared_memory.ShareableList(range(3), name=name)

def create_and_die():
    shared_memory.SharedMemory(name, create=True, size=16)
    os.kill(os.getpid(), signal.SIGKILL)

def create_untracked():
    shared_memory.SharedMemory(name, create=True, size=16, **untracked).close()

def attach():
    shared_memory.SharedMemory(name).close()

def attach_untracked():
    shared_memory.SharedMemory(name, **untracked).close()

def create_again():
    shm = shared_memory.SharedMemory(name, create=True, size=16)
    shm.close()
    shm.unlink()
    create_untracked()

def create_aside(name, fifo):
    os.dup2(os.open(fifo, os.O_WRONLY), 2)
    create(name)

def create_below():
    os.mkfifo(fifo + "-below")
    reader = os.open(fifo + "-below", os.O_RDONLY | os.O_NONBLOCK)
    process = mp.get_context(method).Process(target=create_aside, args=(name, fifo + "-below"))
    process.start()
    process.join()
    os.set_blocking(reader, True)
    while os.read(reader, 4096):
        pass  # until the end of a tracker of the child's own, if it has one
    try:
        shm = shared_memory.SharedMemory(name)
    except FileNotFoundError:
        print("gone", process.exitcode)
    else:
        print("there", process.exitcode)
        shm.close()
        shm.unlink()

if __name__ == "__main__":
    os.dup2(os.open(fifo, os.O_WRONLY), 2)
    globals()[step]()
"""


def run_to_the_end(mp, step, name):
    """Runs a program of its own, and waits for the end of all its processes.

    A tracker goes on when its program has ended. It shares the standard error with that, so who
    reads there until the end has waited for both.
    """
    with tempfile.TemporaryDirectory() as directory:
        fifo = os.path.join(directory, "errors")
        os.mkfifo(fifo)
        reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        try:
            ended = program(TRACKED, name, step, fifo, mp.get_start_method())
            os.set_blocking(reader, True)
            while os.read(reader, 4096):
                pass
        finally:
            os.close(reader)
    return ended


def check(mp):
    with reserved(mp, track=False) as name:
        ended = run_to_the_end(mp, "create_below", name)
        got = (ended.status, ended.output)
        assert got == (0, "there 0\n"), got


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="fork", role="parent"):
    if sys.version_info < (3, 13):
        print("does not apply here: it is promised from Python 3.13 on", file=sys.stderr)
        sys.exit(2)
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
