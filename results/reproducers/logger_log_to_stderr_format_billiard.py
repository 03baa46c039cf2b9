r"""multiprocessing.log_to_stderr: log_to_stderr() makes the logger write each message to sys.stderr,
after its level and process name in brackets, as in [ERROR/MainProcess].

Clause:   logger.log_to_stderr.format
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.log_to_stderr
Observed: ended.output was '[WARNING/MainProcess] this is shown\n[ERROR/MainProcess] and that\n', expected '[WARNING/MainProcess] this is shown\n[ERROR/Another] and that\n'
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


def check(mp):
    source = """
import io, sys
sys.stderr = io.StringIO()
logger = mp.log_to_stderr()
logger.warning("%s is shown", "this")
mp.current_process().name = "Another"
logger.error("and that")
print(sys.stderr.getvalue(), end="")
"""
    ended = program(source)
    assert ended.output == "[WARNING/MainProcess] this is shown\n[ERROR/Another] and that\n", ended.output
    assert "shown" not in ended.errors, ended.errors


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
