"""The command ``mpconform``: run, soak, smoke, replay, deviations, results, list, explain, coverage."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NoReturn

from conformance.misuse import Misuse
from conformance.plugin import options

EPILOG = "Exit status: 0, nothing unexpected; 1, unexpected verdicts; 2, it could not run; 130 or 143, interrupted."


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status."""
    arguments = parser().parse_args(argv)
    module, _, function = arguments.command.partition(":")
    try:
        return int(getattr(import_module(f"conformance.commands.{module}"), function)(arguments))
    except Misuse as error:
        print(f"mpconform: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Output that is piped to head is no error, not even when the rest is flushed at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


class Parser(argparse.ArgumentParser):
    """A parser that refuses in one sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"mpconform: {message[0].upper()}{message[1:].rstrip('.')} (see `{self.prog} --help`).\n")


def parser() -> argparse.ArgumentParser:
    """The options of all commands; each command is named as ``module:function``."""
    top = Parser("mpconform", description="Checks that an implementation keeps what multiprocessing promises.")
    top.epilog = EPILOG
    top.add_argument("--version", action="version", version=f"mpconform {release()}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    run = add_run(commands)
    add_replay(commands)
    add_deviations(commands, run)
    add_soak(commands, run)
    add_conveniences(run)
    add_results(commands)
    add_smoke(commands)
    add_clauses(commands)
    add_coverage(commands)
    return top


def release() -> str:
    """The version of this distribution."""
    try:
        return version("multiprocessing-conformance")
    except PackageNotFoundError:
        return "(not installed)"


def add_run(commands: Any) -> argparse.ArgumentParser:
    """The options of ``mpconform run``."""
    run: argparse.ArgumentParser = commands.add_parser("run", help="check subjects against the clauses", epilog=EPILOG)
    for option in (*options.SUBJECTS, *options.CHECKS):
        option.add(run.add_argument)
    run.add_argument("-n", "--workers", default="auto", metavar="N", help="worker processes (default: one per core)")
    run.add_argument("--output", default=None, metavar="DIR", help="where to write report.json (default: nowhere)")
    run.add_argument("--all", action="store_true", help="show every clause in the table, not only the interesting ones")
    run.set_defaults(command="run:run")
    return run


def add_soak(commands: Any, run: argparse.ArgumentParser) -> None:
    """The options of ``mpconform soak``."""
    soak = commands.add_parser(
        "soak",
        parents=[run],
        conflict_handler="resolve",
        help="repeat a run with new seeds, and count the verdicts on each clause",
        epilog=EPILOG,
    )
    soak.add_argument("--runs", type=int, default=10, metavar="N", help="how many runs (default: 10)")
    soak.add_argument("--load", type=int, default=0, metavar="K", help="busy processes beside them (default: 0)")
    soak.add_argument(
        "--pause",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="stop every process of the run now and then for this time",
    )
    soak.add_argument(
        "--output", default="results/soak", metavar="DIR", help="where to keep the result (default: results/soak)"
    )
    soak.set_defaults(command="soak:run")


def add_conveniences(run: argparse.ArgumentParser) -> None:
    """The options of ``mpconform run`` that other commands that run subjects do not have."""
    run.add_argument("-x", "--exitfirst", action="store_true", help="stop at the first unexpected verdict")
    run.add_argument(
        "--durations", type=int, default=None, metavar="N", help="show the N slowest campaigns; 0 shows all"
    )


def add_smoke(commands: Any) -> None:
    """The options of ``mpconform smoke``."""
    smoke = commands.add_parser("smoke", help="show in seconds what works of an implementation", epilog=EPILOG)
    for option in options.SUBJECTS:
        option.add(smoke.add_argument)
    smoke.set_defaults(command="smoke:run")


def add_clauses(commands: Any) -> None:
    """The options of ``mpconform list`` and ``mpconform explain``."""
    show = commands.add_parser("list", help="show the clauses")
    show.add_argument(
        "pattern", nargs="*", metavar="GLOB", help="clauses to show, such as 'queue.put.*' (default: all)"
    )
    show.set_defaults(command="clauses:show")
    explain = commands.add_parser("explain", help="show what a clause says and what proves it")
    explain.add_argument("clause", metavar="CLAUSE")
    explain.set_defaults(command="clauses:explain")


def add_coverage(commands: Any) -> None:
    """The options of ``mpconform coverage``."""
    coverage = commands.add_parser("coverage", help="show what of the manual has clauses, and what has changed in it")
    coverage.add_argument(
        "--documentation",
        default=None,
        metavar="DIR",
        help="documentation of one version, built by Sphinx: objects.inv and HTML (default: the editions kept here)",
    )
    coverage.add_argument("--record", action="store_true", help="keep the fingerprints of that documentation")
    coverage.add_argument(
        "--changes", nargs=2, default=None, metavar=("OLD", "NEW"), help="what differs between two editions"
    )
    coverage.add_argument("--all", action="store_true", help="show every topic, not only those without a clause")
    coverage.set_defaults(command="coverage:inspect")


def add_replay(commands: Any) -> None:
    """The options of ``mpconform replay``."""
    replay = commands.add_parser("replay", help="run the witness of a violation again")
    replay.add_argument("file", metavar="FILE", help="a witness, as `mpconform run --reproducer-dir` writes it")
    replay.add_argument("--times", type=int, default=20, metavar="N", help="number of runs (default: 20)")
    for option in options.SUBJECTS:
        settings = {name: value for name, value in option.settings.items() if name in ("default", "metavar")}
        several = {"action": "append"} if option.name == "implementation_path" else {"default": None}
        replay.add_argument(option.flag, **settings | several, help="instead of what the file says")
    replay.set_defaults(command="replay:run")


def add_deviations(commands: Any, run: argparse.ArgumentParser) -> None:
    """The options of ``mpconform deviations``."""
    deviations = commands.add_parser("deviations", help="check the known violations, or bring them up to date")
    actions = deviations.add_subparsers(required=True, metavar="ACTION")
    check = actions.add_parser("check", help="check that every entry is well-formed and matches a subject")
    check.add_argument("--deviations", default="own", metavar="PATH", help="a file, or a directory of files")
    check.add_argument(
        "--implementation", action="append", default=[], metavar="NAME", help="another known one (repeatable)"
    )
    check.set_defaults(command="deviations:check")
    update = actions.add_parser(
        "update",
        parents=[run],
        conflict_handler="resolve",
        help="check subjects, and propose as a diff the edits that make the entries say what was seen",
        epilog="Exit status: 0, nothing to edit; 1, edits proposed; 2, it could not run; 130 or 143, interrupted.",
    )
    update.add_argument("--write", action="store_true", help="make the edits as well")
    update.set_defaults(command="deviations:update")
    scripts = actions.add_parser(
        "reproduce", parents=[run], conflict_handler="resolve", help="write a script for each entry of the subjects"
    )
    scripts.set_defaults(command="results:reproduce_deviations")


def add_results(commands: Any) -> None:
    """The options of ``mpconform results``."""
    results = commands.add_parser("results", help="keep reports, and write the page that presents them")
    results.add_argument("report", nargs="*", metavar="REPORT", help="a report.json to add, as --output writes it")
    results.add_argument("--directory", default="results", metavar="DIR", help="where to keep them (default: results)")
    results.set_defaults(command="results:run")
