"""Programs of their own: what a scenario needs a new interpreter for.

What is set once for a process (the start method), what happens when an interpreter exits, and what
spawn asks of a main module cannot be seen from inside the stage.
"""

import os
import subprocess
import sys
import tempfile
from typing import NamedTuple, TextIO

from conformance.stage import stagehand


class Ended(NamedTuple):
    """How a program ended: its exit status (less than zero: the signal) and what it printed."""

    status: int
    output: str
    errors: str


def program(source: str, *arguments: str) -> Ended:
    """Runs ``source`` as the main module of a new interpreter, and returns how that ended.

    The source finds the implementation under test as ``mp``, and its arguments in ``sys.argv``.
    Output goes to files: the call returns when the program ends, whoever of its children goes on.
    """
    module, _, attribute = stagehand.implementation.partition(":")
    imported = "from %s import %s as mp" % (module, attribute) if attribute else "import %s as mp" % module
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(path for path in sys.path if path))
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "program.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write("%s\n%s" % (imported, source))
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
            status = subprocess.call([sys.executable, path, *arguments], env=environment, stdout=output, stderr=errors)
            return Ended(status, rewound(output), rewound(errors))


def rewound(file: TextIO) -> str:
    """All of a file's text."""
    file.seek(0)
    return file.read()
