"""The payload of a stage: what the subject's interpreter imports, copied into a private directory."""

import ast
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from conformance import catalogue

Compiled = dict[Path, bytes]  # files with bytecode, by their paths below the private directory

SHIPPED = ("__init__.py", "implementation.py", "vocabulary", "stage")  # parts of the package
IGNORED = shutil.ignore_patterns("__pycache__", "conftest.py", "*.toml", "documentation", "deviations")


def vocabulary(directory: Path, adapter: str) -> None:
    """Copies the vocabulary, the stage, and the file of the adapter, if there is one."""
    package = directory / "conformance"
    for path in shipped():
        (package / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(catalogue.HERE / path, package / path)
    if adapter:
        shutil.copy2(adapter, package / "adapter.py")


@cache
def shipped() -> tuple[Path, ...]:
    """The files of the package that the subject's interpreter imports, relative to it."""
    chosen = [catalogue.HERE / name for name in SHIPPED]
    files = [path for each in chosen for path in (sorted(each.glob("*.py")) if each.is_dir() else [each])]
    return tuple(path.relative_to(catalogue.HERE) for path in files)


@cache
def compiled(executable: str, adapter: str) -> Compiled:
    """What the stages of one interpreter have compiled so far, for the next ones; ``gather`` adds to it."""
    return {}


def plant(directory: Path, known: Compiled) -> None:
    """Writes the bytecode of files that an earlier stage has compiled, so that this one need not compile them."""
    for path, data in known.items():
        source = directory / path.parent.parent / f"{path.name.partition('.')[0]}.py"
        if source.exists() and not (directory / path).exists():
            (directory / path).parent.mkdir(exist_ok=True)
            (directory / path).write_bytes(data)


def gather(directory: Path, known: Compiled) -> None:
    """Adds what a stage has compiled, unless its warden has already removed it."""
    with suppress(FileNotFoundError):
        for path in directory.glob("*/**/__pycache__/*.pyc"):
            if (below := path.relative_to(directory)) not in known:
                known[below] = path.read_bytes()


def sources(adapter: str) -> dict[str, str]:
    """The source of the modules that ``vocabulary`` copies, by name: for a process that does not have a directory."""
    files = {".".join(["conformance", *path.with_suffix("").parts]): catalogue.HERE / path for path in shipped()}
    files |= {"conformance.adapter": Path(adapter)} if adapter else {}
    return {name.removesuffix(".__init__"): path.read_text(encoding="utf-8") for name, path in files.items()}


def specs(directory: Path, modules: Iterable[str]) -> None:
    """Copies these spec modules, and those that they import, unless they are there already.

    A stage does not get all of them: creating 150 files each time took a tenth of its start. Python caches the
    listing of a directory until its modification time changes. With a coarse clock it might not change, so the
    directory gets a time that it has never had, in 1970.
    """
    missing = [path for path in map(file_of, needed(frozenset(modules))) if not (directory / path).exists()]
    for path in missing:
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(catalogue.specs_directory().parent / path, directory / path)
    count = len(list((directory / "specs").rglob("*.py")))
    for package in {parent for path in missing for parent in path.parents[:-1]}:
        os.utime(directory / package, (count, count))


def file_of(module: str) -> Path:
    """The path of a spec module, or of a package of them, relative to the directory that holds ``specs``."""
    path = Path(*module.split("."))
    return path.with_suffix(".py") if module in catalogue.modules() else path / "__init__.py"


@cache
def needed(modules: frozenset[str]) -> frozenset[str]:
    """These spec modules, those that they import, and the packages of all of them."""
    packages = {module.rpartition(".")[0] for module in modules if "." in module}
    more = frozenset({"specs"}.union(modules, packages, *map(imported, modules)))
    return modules if more == modules else needed(more)


@cache
def imported(module: str) -> frozenset[str]:
    """The spec modules that a spec module imports, or from which it imports names."""
    tree = ast.parse((catalogue.specs_directory().parent / file_of(module)).read_text(encoding="utf-8"))
    found = [(node.module or "", node.names) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = {name for owner, aliases in found for name in (owner, *(f"{owner}.{alias.name}" for alias in aliases))}
    return frozenset(names.intersection(catalogue.modules()))
