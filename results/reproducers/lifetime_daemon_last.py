r"""multiprocessing.Process.daemon: The main process terminates its daemonic child processes only
once its non-daemonic child processes have exited, which may need them until then.

Clause:   lifetime.daemon.last
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.daemon
Observed: program(NEEDED, mp.get_start_method())[:2] was (0, 'terminated\n'), expected (0, 'answered\n')
Seen on:  multiprocessing 3.13.0 on CPython 3.13.0, start method fork

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
from contextlib import suppress

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


NEEDED = """
import atexit, sys, time

def serve(conn, asking):
    asking.close()
    try:
        while True:
            conn.send(conn.recv() + 1)
    except EOFError:
        pass

def ask(conn, gone):
    try:
        gone.recv()  # the main process exits
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            conn.send(1)
            conn.recv()
        print("answered", flush=True)
    except (EOFError, OSError):
        print("terminated", flush=True)

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    asking, serving = mp.Pipe()
    receiver, sender = mp.Pipe(False)
    mp.Process(target=serve, args=(serving, asking), daemon=True).start()
    serving.close()
    mp.Process(target=ask, args=(asking, receiver)).start()
    asking.close()
    atexit.register(sender.send, "exit")
"""


def check(mp):
    got = program(NEEDED, mp.get_start_method())[:2]
    assert got == (0, "answered\n"), got


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
