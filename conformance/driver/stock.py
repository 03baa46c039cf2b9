"""What the subject's interpreter imports, copied into a private directory."""

import shutil
from contextlib import suppress
from functools import cache
from pathlib import Path

from conformance import catalogue

Compiled = dict[Path, bytes]  # files with bytecode, by their paths below the private directory

VOCABULARY = (
    "__init__",
    "arg",
    "capabilities",
    "frozen",
    "implementation",
    "laws",
    "models",
    "outcomes",
    "spec",
    "values",
)
IGNORED = shutil.ignore_patterns("__pycache__", "conftest.py", "*.toml", "documentation", "deviations")


def vocabulary(directory: Path, adapter: str) -> None:
    """Copies the vocabulary, the stage, and the adapter's file, if there is one."""
    package = directory / "conformance"
    package.mkdir(parents=True)
    for name in VOCABULARY:
        shutil.copy2(catalogue.HERE / f"{name}.py", package)
    shutil.copytree(catalogue.HERE / "stage", package / "stage", ignore=IGNORED)
    if adapter:
        shutil.copy2(adapter, package / "adapter.py")


@cache
def compiled(executable: str, adapter: str) -> Compiled:
    """What stages of one interpreter have compiled so far, for the next ones: to be added to."""
    return {}


def plant(directory: Path, known: Compiled) -> None:
    """Saves a stage from compiling what an earlier one has compiled."""
    for path, data in known.items():
        (directory / path).parent.mkdir(exist_ok=True)
        (directory / path).write_bytes(data)


def gather(directory: Path, known: Compiled) -> None:
    """Adds what a stage has compiled, if its warden has not removed that yet."""
    with suppress(FileNotFoundError):
        for path in directory.glob("*/**/__pycache__/*.pyc"):
            if (below := path.relative_to(directory)) not in known:
                known[below] = path.read_bytes()


def sources(adapter: str) -> dict[str, str]:
    """The same modules by their names, as text: for a process that is asked before it has a directory."""
    files = {f"conformance.{name}": catalogue.HERE / f"{name}.py" for name in VOCABULARY}
    files |= {f"conformance.stage.{path.stem}": path for path in (catalogue.HERE / "stage").glob("*.py")}
    files |= {"conformance.adapter": Path(adapter)} if adapter else {}
    return {name.removesuffix(".__init__"): path.read_text(encoding="utf-8") for name, path in files.items()}


def specs(directory: Path) -> None:
    """Copies the specs."""
    shutil.copytree(catalogue.specs_directory(), directory / "specs", ignore=IGNORED)
