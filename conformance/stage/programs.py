"""Programs of their own: what a scenario needs a new interpreter for.

What is set once for a process (the start method), what happens when an interpreter exits, and what
spawn asks of a main module cannot be seen from inside the stage.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import namedtuple

from conformance.stage import stagehand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, TextIO

PEERS = "MPCONFORM_PEERS"  # names the environment variable with the other interpreters of a run


class Ended(namedtuple("Ended", ("status", "output", "errors"))):
    """How a program ended: its exit status (less than zero: the signal) and what it printed."""

    __slots__ = ()


def interpreters() -> List[str]:
    """The executables of the interpreters of all subjects of this run: this one, which comes first, and the others."""
    return [sys.executable] + [path for path in os.environ.get(PEERS, "").split(os.pathsep) if path]


def program(source: str, *arguments: str, interpreter: str = sys.executable) -> Ended:
    """Runs ``source`` as the main module of a new interpreter, and returns how that ended.

        ended = program("print(mp.get_start_method(True))")
        assert (ended.status, ended.output) == (0, "None\\n"), ended.errors

    The source finds the implementation under test as ``mp``, the package of its submodules, such as
    ``connection``, by the name ``PACKAGE``, and its arguments in ``sys.argv``.
    Output goes to files: the call returns when the program ends, whoever of its children goes on.

    Args:
        source: The text of the program, before which come the lines that import ``mp``.
        *arguments: Strings, as on a command line.
        interpreter: The executable that runs it, such as one of ``interpreters()``; by default, this one.

    Returns:
        Its exit ``status`` (less than zero: the signal that ended it), its ``output`` and its ``errors``, as text.

    Raises:
        OSError: The interpreter cannot be started.
    """
    shared = [path for path in sys.path if path and (interpreter == sys.executable or is_foreign(path))]
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(shared))
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "program.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write("%s\n%s" % (stagehand.implementation().heading(), source))
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
            status = subprocess.call([interpreter, path, *arguments], env=environment, stdout=output, stderr=errors)
            ended = Ended(status, rewound(output), rewound(errors))
            sys.stderr.write(ended.errors)  # told with a violation that this may show
            return ended


def is_foreign(path: str) -> bool:
    """Whether what is imported from there belongs to no interpreter."""
    return not path.startswith((sys.prefix, sys.base_prefix))


def rewound(file: TextIO) -> str:
    """All of a file's text."""
    file.seek(0)
    return file.read()
