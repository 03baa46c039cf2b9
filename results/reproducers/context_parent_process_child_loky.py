"""multiprocessing.parent_process: parent_process() in a child process returns an object with the
pid and name of the process that called start(), and is_alive() of the object returns True.

Clause:   context.parent_process.child
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.parent_process
Observed: raised EOFError()
Seen on:  loky and CPython 3.13.0, start method loky

Usage: python reproducer.py [loky|loky_init_main]    (default: loky)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import loky.backend
import os
import signal
import subprocess
import sys
import traceback
from contextlib import contextmanager, suppress


@contextmanager
def child(mp, target, *args):
    process = mp.Process(target=target, args=args)
    process.start()
    try:
        yield process
    except BaseException:
        process.kill()
        raise
    finally:
        process.join()


def tell_process_of_parent(mp, conn):
    parent = mp.parent_process()
    conn.send(parent and (parent.pid, parent.name, parent.is_alive()))


def check(mp):
    receiver, sender = mp.Pipe(False)
    with receiver, child(mp, tell_process_of_parent, mp, sender):
        sender.close()
        got = receiver.recv()
        assert got == (os.getpid(), mp.current_process().name, True), got


def main(method="loky", role="parent"):
    if role == "check":
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
        status = process.wait(timeout=60)
        sys.exit(status)
    except subprocess.TimeoutExpired:
        print("check() has not returned after 60 seconds", file=sys.stderr)
        sys.exit(2)
    finally:
        process.kill()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)  # what it left; the resource tracker lives on and cleans up
        process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
