"""multiprocessing (contexts and start methods): Since Python 3.14.9 and 3.15.1, the default start
method is spawn if there is no writable temporary directory.

Clause:   context.get_start_method.default-without-files
Manual:   https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods
Observed: printed(source) was ['fork'], expected ['spawn']
Seen on:  billiard 4.3.2 on CPython 3.15.2, start method spawn

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


def unproven(reason):
    print(reason, file=sys.stderr)
    os._exit(2)


def printed(source, *arguments):
    """The lines that a program prints, which must exit with status 0."""
    ended = program(source, *arguments)
    if ended.status != 0:
        raise AssertionError("a program ended with status %d: %s" % (ended.status, ended.errors))
    return ended.output.splitlines()


def check(mp):
    if (3, 14) < sys.version_info < (3, 14, 9) or (3, 15) < sys.version_info < (3, 15, 1):
        unproven("this release does not promise it")
    source = "import tempfile\ntempfile.tempdir = '/no/such/directory'\nprint(mp.get_start_method())"
    got = printed(source)
    assert got == ["spawn"], got


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="spawn", role="parent"):
    if sys.version_info < (3, 14):
        print("does not apply here: it is promised from Python 3.14 on", file=sys.stderr)
        sys.exit(2)
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
