"""Keeps the bytecode of what a stage has imported, for its children and for the next stages of the interpreter.

An import writes it anyway, unless PYTHONDONTWRITEBYTECODE is set, as it often is in containers: then
each of thousands of processes would compile everything again. Only the private directory gets it.
"""

import os
import sys
from importlib.util import cache_from_source


def keep_bytecode(directory: str) -> None:
    """Compiles the imported modules of a directory, unless they have been compiled before."""
    paths = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
    for path in [each for each in paths if each.startswith(directory + os.sep) and each.endswith(".py")]:
        if not os.path.exists(cache_from_source(path)):
            import py_compile  # which most stages do not need

            py_compile.compile(path, doraise=True)
