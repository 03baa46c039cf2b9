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


def specs(directory: Path) -> None:
    """Copies the specs."""
    shutil.copytree(catalogue.specs_directory(), directory / "specs", ignore=IGNORED)
