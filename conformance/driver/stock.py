"""What the subject's interpreter imports, copied into a private directory."""

import shutil
from pathlib import Path

from conformance import catalogue

VOCABULARY = ("__init__", "arg", "implementation", "laws", "models", "outcomes", "spec", "values")
IGNORED = shutil.ignore_patterns("__pycache__", "conftest.py", "*.toml", "documentation", "deviations")


def vocabulary(directory: Path, adapter: str) -> None:
    """Copies the vocabulary, the stage, and the adapter's file, if there is one."""
    package = directory / "conformance"
    package.mkdir(parents=True)
    for name in VOCABULARY:
        shutil.copy(catalogue.HERE / f"{name}.py", package)
    shutil.copytree(catalogue.HERE / "stage", package / "stage", ignore=IGNORED)
    if adapter:
        shutil.copy(adapter, package / "adapter.py")


def sources(adapter: str) -> dict[str, str]:
    """The same modules by their names, as text: for a process that is asked before it has a directory."""
    files = {f"conformance.{name}": catalogue.HERE / f"{name}.py" for name in VOCABULARY}
    files |= {f"conformance.stage.{path.stem}": path for path in (catalogue.HERE / "stage").glob("*.py")}
    files |= {"conformance.adapter": Path(adapter)} if adapter else {}
    return {name.removesuffix(".__init__"): path.read_text(encoding="utf-8") for name, path in files.items()}


def specs(directory: Path) -> None:
    """Copies the specs."""
    shutil.copytree(catalogue.specs_directory(), directory / "specs", ignore=IGNORED)
