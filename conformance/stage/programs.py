"""Standalone programs, for scenarios that need a new interpreter.

What is set once per process (the start method), what happens when an interpreter exits, and what
spawn requires of a main module cannot be observed from inside the stage.
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
    """How a program ended: its exit status (negative for a signal) and what it printed."""

    __slots__ = ()


def interpreters() -> List[str]:
    """The interpreters of all subjects of this run: this one, and those that the driver has named."""
    return [sys.executable] + [path for path in os.environ.get(PEERS, "").split(os.pathsep) if path]


def program(source: str, *arguments: str, interpreter: str = sys.executable) -> Ended:
    """Runs ``source`` as the main module of a new interpreter, and returns how that ended.

    The source finds the implementation under test as ``mp``, the name of the package of its submodules
    (such as ``connection``) as ``PACKAGE``, and its arguments in ``sys.argv``.
    Output goes to files: the function returns when the program ends, even if some of its children still run.
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
            sys.stderr.write(ended.errors)  # shown with the violation, if there is one
            return ended


def is_foreign(path: str) -> bool:
    """Whether a path does not belong to this interpreter."""
    return not path.startswith((sys.prefix, sys.base_prefix))


def rewound(file: TextIO) -> str:
    """All the text of a file, from the start."""
    file.seek(0)
    return file.read()
