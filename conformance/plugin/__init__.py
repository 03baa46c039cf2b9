"""The pytest plugin: every clause of every subject is an item.

``pytest specs`` collects the spec files; options narrow down subjects and clauses. The items of
one spec and subject share a campaign, which runs when the first of them does; with pytest-xdist,
the items of one spec go to the same worker.
"""

import sys
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from conformance import catalogue
from conformance.plugin import options
from conformance.plugin.interruption import Unreported
from conformance.plugin.items import SpecFile
from conformance.plugin.plan import PLAN, plan


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("conformance", "multiprocessing-conformance")
    for option in (*options.SUBJECTS, *options.CHECKS):
        option.add(group.addoption)
    group.addoption("--first-round", action="store_true", help="begin with a sample of every class")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "clause(name): the clause that the item checks")
    config.pluginmanager.register(Unreported())
    for name in {e.spec.name for e in catalogue.entries()} | {"fork", "spawn", "forkserver"}:
        config.addinivalue_line("markers", f"{name}: items of this class or start method")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Ends the stages that the campaigns have shared."""
    if PLAN in config.stash:
        config.stash[PLAN].stages.close()


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, Any, Any]:
    """Tells in a sentence what a report such as ``--junitxml`` could not write, so that failures are told as well."""
    try:
        return (yield)
    except OSError as error:
        path = session.config.getoption("xmlpath", None)
        if path and Path(path).is_file():
            discard_broken(Path(path))
        sys.stderr.write(f"ERROR: {path or 'A report'} could not be written: {error.strerror or error}.\n")
        session.exitstatus = session.exitstatus or pytest.ExitCode.INTERNAL_ERROR
        return None


def discard_broken(report: Path) -> None:
    """Removes a report in XML that has no end."""
    with suppress(OSError):
        try:
            ElementTree.parse(report)
        except ElementTree.ParseError:
            report.unlink()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuses options that make no sense before any worker starts."""
    paths = (Path(argument.partition("::")[0]).resolve() for argument in session.config.args)
    if any(path == catalogue.specs_directory() or catalogue.specs_directory() in path.parents for path in paths):
        plan(session.config)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    ours = file_path.suffix == ".py" and catalogue.specs_directory() in file_path.parents
    if ours and catalogue.module_of(file_path) in catalogue.modules():
        return SpecFile.from_parent(parent, path=file_path)
    return None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Sends the items of one spec to one worker, whatever ``--dist`` says about other files."""
    from conformance.plugin.scheduling import BySpec

    return BySpec(config, log)
