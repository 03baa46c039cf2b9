"""Bytecode of what a stage has imported: for its children, and for the next stages of the interpreter.

An import keeps it by itself, unless PYTHONDONTWRITEBYTECODE is set, as it often is in containers: then
each of thousands of processes would compile all of it again. It is kept for the private directory only.
"""

import os
import sys
from importlib.util import cache_from_source


def keep_bytecode(directory: str) -> None:
    """Compiles the modules of a directory that are imported, unless that was done before."""
    paths = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
    for path in [each for each in paths if each.startswith(directory + os.sep) and each.endswith(".py")]:
        if not os.path.exists(cache_from_source(path)):
            import py_compile  # what most stages can do without

            py_compile.compile(path, doraise=True)
