"""Subjects: an implementation, on an interpreter, by a start method."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache

PROBE = """
import importlib, json, platform, sys
sys.path[:] = %r + [p for p in sys.path if p]
module, _, attribute = %r.partition(":")
found = importlib.import_module(module)
found = getattr(found, attribute) if attribute else found
found.get_context().Lock
import multiprocessing.synchronize
version = getattr(found, "__version__", None)
print(json.dumps([sys.version_info[:3], platform.python_implementation(), found.get_all_start_methods(), version]))
"""
PATIENCE = 60.0  # seconds for an interpreter to start and to import the implementation


class Unusable(Exception):
    """The subject cannot be checked; the message is one sentence for its user."""


@dataclass(frozen=True)
class Interpreter:
    """An interpreter with an implementation that it can import."""

    executable: str
    implementation: str
    version: tuple[int, ...]
    name: str
    start_methods: tuple[str, ...]
    release: str | None = None
    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        version = ".".join(map(str, self.version))
        what = self.implementation + (f" {self.release}" if self.release else "")
        return f"{what} / {self.name} {version}"


@dataclass(frozen=True)
class Subject:
    """What is being checked."""

    interpreter: Interpreter
    start_method: str

    def __str__(self) -> str:
        return f"{self.interpreter} / {self.start_method}"


@cache
def probe(python: str, implementation: str = "multiprocessing", path: tuple[str, ...] = ()) -> Interpreter:
    """Asks an interpreter, by path or by name, what it is and which start methods it has.

    Raises Unusable with one sentence if it is missing, broken, or without the implementation.
    """
    executable = shutil.which(python)
    if executable is None:
        raise Unusable(f"There is no interpreter {python!r}: give a path, or a name that is on PATH.")
    command = [executable, "-c", PROBE % (list(path), implementation)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unusable(f"{executable} does not run as a Python interpreter: {error}.") from None
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise Unusable(f"{executable} cannot import {implementation} with working locks: {last}.")
    try:
        version, name, methods, release = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError, TypeError):
        raise Unusable(f"{executable} does not run as a Python interpreter: it did not answer.") from None
    if tuple(version) < (3, 8):
        raise Unusable(f"{executable} is {name} {version[0]}.{version[1]}; subjects start at 3.8.")
    absolute = os.path.abspath(executable)
    return Interpreter(absolute, implementation, tuple(version), name, tuple(methods), release, path)


def subjects(interpreter: Interpreter, start_methods: tuple[str, ...]) -> list[Subject]:
    """The interpreter by each of these start methods, or by all that it has.

    Raises Unusable for one that it has not.
    """
    for method in start_methods:
        if method not in interpreter.start_methods:
            raise Unusable(f"{interpreter} has no start method {method!r}: {', '.join(interpreter.start_methods)}.")
    return [Subject(interpreter, method) for method in start_methods or interpreter.start_methods]
