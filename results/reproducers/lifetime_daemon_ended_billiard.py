"""multiprocessing.Process.daemon: The main process terminates its daemonic child processes when it
exits, without waiting for them to return.

Clause:   lifetime.daemon.ended
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.daemon
Observed: check() below does not come to an end: it waits forever
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import billiard
import faulthandler
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections import namedtuple
from contextlib import suppress
from tempfile import TemporaryDirectory

Ended = namedtuple("Ended", "status output errors")


def program(source, *arguments, interpreter=sys.executable):
    """Runs source as the main module of a new interpreter."""
    with tempfile.TemporaryDirectory() as directory:
        path, output, errors = (os.path.join(directory, name) for name in ("program.py", "output", "errors"))
        with open(path, "w") as file:
            file.write("import billiard as mp\n" + source)
        # Files, not pipes: a child that outlives the program would keep a pipe open.
        with open(output, "w+") as out, open(errors, "w+") as err:
            status = subprocess.call([interpreter, path, *arguments], stdout=out, stderr=err)
            out.seek(0)
            err.seek(0)
            return Ended(status, out.read(), err.read())


DAEMONIC = """
import signal, sys

def pause(conn, path):
    with open(path, "w"):
        conn.send("ready")
        signal.pause()

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    receiver, sender = mp.Pipe(False)
    mp.Process(target=pause, args=(sender, sys.argv[2]), daemon=True).start()
    print(receiver.recv())
"""


def check(mp):
    with TemporaryDirectory() as directory:
        path = os.path.join(directory, "fifo")
        os.mkfifo(path)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            got = program(DAEMONIC, mp.get_start_method(), path)[:2]
            assert got == (0, "ready\n"), got
            os.set_blocking(reader, True)
            got = os.read(reader, 1)
            assert got == b"", got  # the only one who could write has ended
        finally:
            os.close(reader)


def main(method="fork", role="parent"):
    if role == "check":
        faulthandler.dump_traceback_later(9)
        try:
            check(billiard.get_context(method))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)  # without waiting for what the check leaves behind
    try:
        billiard.get_context(method)
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    # The check has a session of its own, so that whatever hangs can be ended with its children.
    process = subprocess.Popen([sys.executable, __file__, method, "check"], start_new_session=True)
    try:
        status = process.wait(timeout=10)
        sys.exit(status)
    except subprocess.TimeoutExpired:
        sys.exit("check() has not returned after 10 seconds")
    finally:
        process.kill()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)  # what it left; the resource tracker lives on and cleans up
        process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
