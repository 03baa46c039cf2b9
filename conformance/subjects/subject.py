"""Subjects: an implementation, on an interpreter, with a start method."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from typing import Any

from conformance.stage.stagehand import IMPLEMENTATION
from conformance.subjects import payload
from conformance.subjects.adapters import DEFAULT, Choice, Unusable, choose, known
from conformance.subjects.needs import is_concerned
from conformance.vocabulary.capabilities import EVERYTHING, claims

# An interpreter that is too old only has to understand the first two lines. Modules arrive as text: a driver that is
# killed would leave a directory behind, since there is no warden yet.
PROBE = """
import json, platform, sys
print(json.dumps([list(sys.version_info[:3]), platform.python_implementation()])); sys.stdout.flush()
if sys.version_info >= (3, 8):
    import importlib.util
    path, sources = json.loads(sys.stdin.buffer.read().decode())
    class Sources:
        def find_spec(self, name, path=None, target=None):
            package = any(other.startswith(name + ".") for other in sources)
            return importlib.util.spec_from_loader(name, self, is_package=package) if name in sources else None
        def create_module(self, spec):
            return None
        def exec_module(self, module):
            exec(compile(sources[module.__name__], "<%s>" % module.__name__, "exec"), module.__dict__)
    sys.dont_write_bytecode = True
    sys.meta_path.insert(0, Sources())
    sys.path[:] = path + [p for p in sys.path if p]
    from conformance.stage.probe import facts
    print(json.dumps(facts(path)))
"""
OLDEST = (3, 8)
WIDTH = 160  # characters of an interpreter's own error message
PATIENCE = 60.0  # seconds for an interpreter to start and to import the implementation


@dataclass(frozen=True)
class Interpreter:
    """An interpreter with an implementation that it can import, and what the adapter declares.

    ``adapter`` is the file of the adapter. Standalone programs can import the implementation if it is ``importable``;
    deviations of the one that it ``inherits`` from may occur in it. ``unclaimed`` are documented names that it has
    without claiming them. The ``package`` is what was imported, from the directory or file ``place``; ``digest`` is the
    SHA-256 of its files.
    """

    executable: str
    implementation: str
    version: tuple[int, ...]
    name: str
    start_methods: tuple[str, ...]
    release: str | None = None
    path: tuple[str, ...] = ()
    adapter: str = ""
    provides: frozenset[str] = EVERYTHING
    lacks: frozenset[str] = frozenset()
    borrows: frozenset[str] = frozenset()
    threads: bool = False
    importable: bool = True
    inherits: str = ""
    unclaimed: tuple[str, ...] = ()
    package: str = ""
    place: str = ""
    digest: str = ""

    def __str__(self) -> str:
        version = ".".join(map(str, self.version))
        what = self.implementation + (f" {self.release}" if self.release else "")
        return f"{what} / {self.name} {version}"

    @property
    def packaged(self) -> str:
        """The package and its release; one that has none is as old as its interpreter."""
        return f"{self.package} {self.release or '.'.join(map(str, self.version))}"

    def claims(self, name: str) -> bool:
        """Whether the implementation claims to have what a documented name stands for."""
        return claims(name, self.provides, self.lacks)

    def offers(self, name: str) -> bool:
        """Whether scenarios may use what a documented name stands for."""
        return claims(name, self.provides | self.borrows, self.lacks)


@dataclass(frozen=True)
class Subject:
    """What is being checked: an interpreter with an implementation, and a start method."""

    interpreter: Interpreter
    start_method: str

    def __str__(self) -> str:
        return f"{self.interpreter} / {self.start_method}"


@cache
def probe(python: str, implementation: str | Choice = DEFAULT, path: tuple[str, ...] = ()) -> Interpreter:
    """Asks an interpreter, given by path or name, what it is and which start methods it has.

    Raises Unusable, with one sentence, if it is missing or broken, or does not have the implementation.
    """
    chosen = implementation if isinstance(implementation, Choice) else choose(implementation, None)
    executable = shutil.which(python)
    if executable is None:
        raise Unusable(f"There is no interpreter {python!r}: give a path, or a name that is on PATH.")
    if missing := [each for each in path if not os.path.exists(each)]:
        raise Unusable(f"The directory {missing[0]}, from which the implementation is to be imported, does not exist.")
    (version, name), facts = heard(executable, chosen, path)
    if tuple(version) < OLDEST:
        raise Unusable(f"{executable} is {name} {version[0]}.{version[1]}; subjects need Python 3.8 or newer.")
    facts = facts or {"failed": "did not report its capabilities"}
    refuse(executable, chosen, facts)
    return Interpreter(
        executable=os.path.abspath(executable),
        implementation=facts["implementation"],
        version=tuple(version),
        name=name,
        start_methods=tuple(facts["start_methods"]),
        release=facts["release"],
        path=path,
        adapter=chosen.file,
        provides=frozenset(facts["provides"]),
        lacks=frozenset(facts["lacks"]),
        borrows=frozenset(facts["borrows"]),
        threads=facts["threads"],
        importable=facts["importable"],
        inherits=facts["inherits"],
        unclaimed=tuple(facts["unclaimed"]),
        package=facts["package"],
        place=facts["place"],
        digest=facts["digest"] or "",
    )


def refuse(executable: str, chosen: Choice, facts: dict[str, Any]) -> None:
    """Raises Unusable if an interpreter has reported a problem, either with itself or with the adapter."""
    adapter = f"The adapter {chosen.file}"
    if "adapter" in facts:
        raise Unusable(f"{adapter} {facts['adapter'].rstrip('.')}.")
    if "misplaced" in facts:
        raise Unusable(f"{executable} {facts['misplaced']}.")
    if "failed" in facts:
        others = "" if chosen.file or chosen.name == DEFAULT else f" There are adapters for {', '.join(known()[1:])}."
        raise Unusable(f"{executable} {facts['failed'].rstrip('.')}.{others}")
    if chosen.name and chosen.file and facts["implementation"] != chosen.name:
        raise Unusable(f"{adapter} is for {facts['implementation']}, not for {chosen.name}.")
    if facts["inherits"] and facts["inherits"] not in known():
        raise Unusable(f"{adapter} inherits from {facts['inherits']}, which is not one of {', '.join(known())}.")
    if vain := sorted(name for name in facts["lacks"] if not is_concerned(name)):
        raise Unusable(f"{adapter} lacks {', '.join(vain)}, which no clause is about: see `mpconform list`.")


def heard(executable: str, chosen: Choice, path: tuple[str, ...]) -> tuple[list[Any], dict[str, Any] | None]:
    """What an interpreter prints about itself, one JSON document per line. Raises Unusable."""
    told = json.dumps([path, payload.sources(chosen.file)])
    environment = {**os.environ, IMPLEMENTATION: chosen.name}
    command = [executable, "-c", PROBE]
    try:
        done = subprocess.run(
            command,
            input=told,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        raise Unusable(f"{executable} does not answer as a Python interpreter within {PATIENCE:.0f} s.") from None
    except OSError as error:
        raise Unusable(f"{executable} does not run as a Python interpreter: {error}.") from None
    if done.returncode != 0:
        raise Unusable(f"{executable} does not run as a Python interpreter: {reason(done)}.")
    return answers(executable, done.stdout)


def reason(done: subprocess.CompletedProcess[str]) -> str:
    """Why an interpreter failed: its last line that mentions an error, or else its first line, truncated."""
    lines = [line.strip().rstrip(".") for line in done.stderr.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    ended = f"exit status {done.returncode}" if done.returncode > 0 else f"killed by signal {-done.returncode}"
    said = (errors[-1:] or lines or [ended])[0]
    return said if len(said) <= WIDTH else f"{said[:WIDTH]} (...)"


def answers(executable: str, output: str) -> tuple[list[Any], dict[str, Any] | None]:
    """The documents in what an interpreter printed; the implementation may print as well. Raises Unusable."""
    found = []
    for line in output.splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    facts = next((d for d in reversed(found) if isinstance(d, dict)), None)
    first = next((d for d in found if isinstance(d, list) and len(d) == 2 and isinstance(d[0], list)), None)
    if first is None:
        raise Unusable(f"{executable} does not run as a Python interpreter: it did not answer.")
    return first, facts


def subjects(interpreter: Interpreter, start_methods: tuple[str, ...]) -> list[Subject]:
    """The interpreter with each of these start methods, or with all that it has.

    Raises Unusable for a start method that it does not have.
    """
    for method in start_methods:
        if method not in interpreter.start_methods:
            raise Unusable(
                f"{interpreter} has no start method {method!r}; it has {', '.join(interpreter.start_methods)}."
            )
    return [Subject(interpreter, method) for method in start_methods or interpreter.start_methods]


__all__ = ["Interpreter", "Subject", "Unusable", "probe", "subjects"]
