"""multiprocessing (the spawn and forkserver start methods): Child processes and pool workers can
call the functions of an importable main module.

Clause:   guideline.main.functions
Manual:   https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods
Observed: check() below does not come to an end: it waits forever
Seen on:  loky and CPython 3.13.0, start method loky

Usage: python reproducer.py [loky|loky_init_main]    (default: loky)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import faulthandler
import loky.backend
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
            file.write("import loky.backend\nimport multiprocessing as mp\n" + source)
        # Files, not pipes: a child that outlives the program would keep a pipe open.
        with open(output, "w+") as out, open(errors, "w+") as err:
            status = subprocess.call([interpreter, path, *arguments], stdout=out, stderr=err)
            out.seek(0)
            err.seek(0)
            return Ended(status, out.read(), err.read())


FUNCTIONS = """
import sys

def square(number):
    print("square", flush=True)
    return number * number

if __name__ == "__main__":
    context = mp.get_context(sys.argv[1])
    p = context.Process(target=square, args=(3,))
    p.start()
    p.join()
    print("exit code", p.exitcode)
    if p.exitcode == 0:  # else no worker would find the function, either, and map() would wait for ever
        with context.Pool(1) as pool:
            print(pool.map(square, [2]))
"""


def check(mp):
    lines = program(FUNCTIONS, mp.get_start_method()).output.splitlines()
    assert lines == ["square", "exit code 0", "square", "[4]"], lines


def main(method="loky", role="parent"):
    if role == "check":
        faulthandler.dump_traceback_later(9)
        try:
            check(loky.backend.get_context(method))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)  # without waiting for what the check leaves behind
    try:
        loky.backend.get_context(method)
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
