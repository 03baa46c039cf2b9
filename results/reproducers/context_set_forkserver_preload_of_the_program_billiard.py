"""multiprocessing.set_forkserver_preload: Modules passed to set_forkserver_preload() are found
beside the main module and in directories that the program has added to sys.path.

Clause:   context.set_forkserver_preload.of-the-program
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.set_forkserver_preload
Observed: printed(OF_THE_PROGRAM) was [''], expected ['beside elsewhere']
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections import namedtuple
from contextlib import suppress

try:
    import billiard
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(2)

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


def printed(source, *arguments):
    """The lines that a program prints, which must end well."""
    ended = program(source, *arguments)
    if ended.status != 0:
        raise AssertionError("a program ended with status %d: %s" % (ended.status, ended.errors))
    return ended.output.splitlines()


OF_THE_PROGRAM = """
import os, sys, tempfile

def tell(conn):
    conn.send([name for name in ("beside", "elsewhere") if name in sys.modules])

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        for name, place in ("beside", os.path.dirname(__file__)), ("elsewhere", directory):
            open(os.path.join(place, name + ".py"), "w").close()
        sys.path.append(directory)
        mp.set_forkserver_preload(["beside", "elsewhere"])
        context = mp.get_context("forkserver")
        receiver, sender = context.Pipe(False)
        process = context.Process(target=tell, args=(sender,))
        process.start()
        sender.close()
        print(*receiver.recv())
        process.join()
"""


def check(mp):
    got = printed(OF_THE_PROGRAM)
    assert got == ["beside elsewhere"], got


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="fork", role="parent"):
    try:
        context = billiard.get_context(method)
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
