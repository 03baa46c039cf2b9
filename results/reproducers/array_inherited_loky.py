"""An array that is passed to a process when that is created is the same array there.

That is what the documentation promises:
https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Array

With loky and CPython 3.13.0 and the start method loky, instead:

    raised builtins.TypeError("cannot pickle 'mmap.mmap' object")
    Traceback (most recent call last):
      File "stage/stage.py", line 57, in start
        process.start()
        ~~~~~~~~~~~~~^^
      File "multiprocessing/process.py", line 121, in start
        self._popen = self._Popen(self)
                      ~~~~~~~~~~~^^^^^^
      File "backend/process.py", line 45, in _Popen
        return Popen(process_obj)
      File "backend/popen_loky_posix.py", line 48, in __init__
        self._launch(process_obj)
        ~~~~~~~~~~~~^^^^^^^^^^^^^
      File "backend/popen_loky_posix.py", line 104, in _launch
        reduction.dump(process_obj, fp)
        ~~~~~~~~~~~~~~^^^^^^^^^^^^^^^^^
      File "backend/reduction.py", line 207, in dump
        _LokyPickler(file, reducers=reducers, protocol=protocol).dump(obj)
        ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~^^^^^
      File "cloudpickle/cloudpickle.py", line 1327, in dump
        return super().dump(obj)
               ~~~~~~~~~~~~^^^^^
    TypeError: cannot pickle 'mmap.mmap' object


Usage: python reproducer.py [loky|loky_init_main]    (default: loky)
It exits with 1 if the bug shows, with 0 if it does not.
"""

import loky.backend
import os
import signal
import subprocess
import sys
import traceback
from contextlib import suppress


def use(obj):
    pass  # it has been passed


def check(mp):
    obj = mp.Array("i", 3, lock=mp.RLock())
    process = mp.Process(target=use, args=(obj,))
    process.start()
    process.join()
    assert process.exitcode == 0, process.exitcode


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
