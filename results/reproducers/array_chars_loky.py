"""multiprocessing.Array: An array of chars has the attributes value, its bytes before the first
null byte, and raw, all of its bytes. Both can be set, and processes share them.

Clause:   array.chars
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Array
Observed: raised TypeError("cannot pickle 'mmap.mmap' object")
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


def capitalize(chars):
    chars.value = chars.value.upper()


def check(mp, code="c"):
    chars = mp.Array(code, 8)
    got = (chars.value, chars.raw)
    assert got == (b"", bytes(8)), got
    chars.value = b"hello"
    got = (chars.value, chars.raw)
    assert got == (b"hello", b"hello\0\0\0"), got
    chars.raw = b"a\0b\0c\0d\0"
    got = (chars.value, chars.raw, chars[2], len(chars))
    assert got == (b"a", b"a\0b\0c\0d\0", b"b", 8), got
    chars[1] = b"-"
    got = (chars.value, chars[:4])
    assert got == (b"a-b", b"a-b\0"), got
    full = mp.Array(code, b"full")
    got = (full.value, full.raw, len(full))
    assert got == (b"full", b"full", 4), got
    with child(mp, capitalize, chars):
        pass
    got = (chars.value, chars.raw)
    assert got == (b"A-B", b"A-B\0c\0d\0"), got


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
