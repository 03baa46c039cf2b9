"""multiprocessing.Value: A shared value of any simple ctypes type holds its initial value, and then
the value that another process stores.

Clause:   value.types
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Value
Observed: raised TypeError("cannot pickle 'mmap.mmap' object")
Seen on:  loky and CPython 3.13.0, start method loky

Usage: python reproducer.py [loky|loky_init_main]    (default: loky)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import ctypes
import os
import signal
import subprocess
import sys
import traceback
from contextlib import contextmanager, suppress

try:
    import loky.backend
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(2)


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


OF_TYPES = (
    (ctypes.c_bool, True, False),
    (ctypes.c_char, b"x", b"\xff"),
    (ctypes.c_wchar, "y", "\u00e9"),
    (ctypes.c_int8, -128, 127),
    (ctypes.c_uint64, 2**64 - 1, 1),
    (ctypes.c_float, 0.25, -1.5),
    (ctypes.c_double, 2.4, 1 / 3),
)


def store_others(values):
    for v, (_, first, second) in zip(values, OF_TYPES):
        assert v.value == first, (v.value, first)
        v.value = second


def check(mp):
    values = [mp.Value(kind, first) for kind, first, _ in OF_TYPES]
    for v, (kind, first, _) in zip(values, OF_TYPES):
        got = type(v.get_obj())
        assert got is kind, (got, kind)
        assert v.value == first, (v.value, first)
        got = type(v.value)
        assert got is type(first), got
    with child(mp, store_others, values) as process:
        pass
    assert process.exitcode == 0, process.exitcode
    got = [v.value for v in values]
    assert got == [second for _, _, second in OF_TYPES], got


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "TypeError":
        return 1
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="loky", role="parent"):
    try:
        context = loky.backend.get_context(method)
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
