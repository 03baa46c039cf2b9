r"""multiprocessing.sharedctypes: The type of a shared object can be a structure that the main module
of the program defines.

Clause:   sharedctypes.of-the-main-module
Manual:   https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.sharedctypes
Observed: (ended.status, ended.output) was (1, ''), expected (0, '11 2 (3, 24) (5, 26)\n')
Seen on:  multiprocess and CPython 3.13.0, start method spawn

Usage: python reproducer.py [fork|spawn|forkserver]    (default: spawn)
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
    import multiprocess
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(2)

Ended = namedtuple("Ended", "status output errors")


def program(source, *arguments, interpreter=sys.executable):
    """Runs source as the main module of a new interpreter."""
    with tempfile.TemporaryDirectory() as directory:
        path, output, errors = (os.path.join(directory, name) for name in ("program.py", "output", "errors"))
        with open(path, "w") as file:
            file.write("import multiprocess as mp\n" + source)
        # Files, not pipes: a child that outlives the program would keep a pipe open.
        with open(output, "w+") as out, open(errors, "w+") as err:
            status = subprocess.call([interpreter, path, *arguments], stdout=out, stderr=err)
            out.seek(0)
            err.seek(0)
            return Ended(status, out.read(), err.read())


OF_THE_MAIN_MODULE = """
import ctypes, sys

class Place(ctypes.Structure):
    _fields_ = [("x", ctypes.c_int), ("y", ctypes.c_int)]

def move(place, places):
    place.x += 10
    for each in places:
        each.y += 20

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    place, places = mp.Value(Place, 1, 2), mp.Array(Place, [(3, 4), (5, 6)])
    process = mp.Process(target=move, args=(place, places))
    process.start()
    process.join()
    print(place.x, place.y, *((each.x, each.y) for each in places))
"""


def check(mp):
    ended = program(OF_THE_MAIN_MODULE, mp.get_start_method())
    got = (ended.status, ended.output)
    assert got == (0, "11 2 (3, 24) (5, 26)\n"), got


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="spawn", role="parent"):
    try:
        context = multiprocess.get_context(method)
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
