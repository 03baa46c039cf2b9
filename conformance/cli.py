"""The command ``mpconform``: run, smoke, replay, deviations, list, explain, coverage."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NoReturn

from conformance import catalogue
from conformance.documentation import manual
from conformance.driver.campaign import PROFILES
from conformance.misuse import Misuse
from conformance.reporting import terminal

EPILOG = "Exit status: 0, nothing unexpected; 1, unexpected verdicts; 2, it could not run; 130 or 143, interrupted."


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status."""
    arguments = parser().parse_args(argv)
    try:
        return int(arguments.command(arguments))
    except Misuse as error:
        print(f"mpconform: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Somebody reads with head: that is no error, also not when the rest is flushed at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


class Parser(argparse.ArgumentParser):
    """A parser that refuses in one sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"mpconform: {message[0].upper()}{message[1:].rstrip('.')} (see `{self.prog} --help`).\n")


def parser() -> argparse.ArgumentParser:
    """The options of all commands."""
    top = Parser(
        "mpconform", description="Checks that an implementation keeps what multiprocessing promises.", epilog=EPILOG
    )
    top.add_argument("--version", action="version", version=f"mpconform {release()}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    run = add_run(commands)
    add_replay(commands)
    add_deviations(commands, run)
    add_conveniences(run)
    add_results(commands)
    add_smoke(commands)
    add_catalogue(commands)
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
    add_subject_options(run)
    run.add_argument(
        "--clause",
        action="append",
        default=[],
        metavar="GLOB",
        help="clauses to check, such as 'queue.put.*' (repeatable; default: all)",
    )
    run.add_argument("--profile", default="quick", choices=sorted(PROFILES), help="how much to run (default: quick)")
    run.add_argument("--seed", type=int, default=0, metavar="N", help="another number gives other scripts (default: 0)")
    run.add_argument(
        "-n", "--workers", default="auto", metavar="N", help="drivers at work at the same time (default: one a core)"
    )
    run.add_argument(
        "--deviations",
        action="append",
        default=[],
        metavar="PATH",
        help="known violations, a file or a directory of them (repeatable; default: own, those of the specs)",
    )
    run.add_argument(
        "--shrink",
        type=float,
        default=20.0,
        metavar="SECONDS",
        help="how long a violation is made smaller (default: 20)",
    )
    run.add_argument(
        "--reproducer-dir",
        default=None,
        metavar="DIR",
        help="where scripts, test cases, witnesses and timelines of violations are kept (default: nowhere)",
    )
    run.add_argument("--output", default=None, metavar="DIR", help="where report.json is written (default: nowhere)")
    run.add_argument("--all", action="store_true", help="show every clause in the table, not only the interesting ones")
    run.set_defaults(command=run_command)
    return run


def add_conveniences(run: argparse.ArgumentParser) -> None:
    """The options of ``mpconform run`` that other commands, which run subjects, too, have no use for."""
    run.add_argument("-x", "--exitfirst", action="store_true", help="stop at the first verdict that is not expected")
    run.add_argument(
        "--durations", type=int, default=None, metavar="N", help="show the N campaigns that took longest, all for 0"
    )


def add_smoke(commands: Any) -> None:
    """The options of ``mpconform smoke``."""
    smoke = commands.add_parser("smoke", help="tell in seconds what works of an implementation", epilog=EPILOG)
    add_subject_options(smoke)
    smoke.set_defaults(command=smoke_command)


def add_catalogue(commands: Any) -> None:
    """The options of ``mpconform list`` and ``mpconform explain``."""
    show = commands.add_parser("list", help="show the clauses")
    show.add_argument(
        "pattern", nargs="*", metavar="GLOB", help="clauses to show, such as 'queue.put.*' (default: all)"
    )
    show.set_defaults(command=list_command)
    explain = commands.add_parser("explain", help="show what a clause says and what proves it")
    explain.add_argument("clause", metavar="CLAUSE")
    explain.set_defaults(command=explain_command)


def add_coverage(commands: Any) -> None:
    """The options of ``mpconform coverage``."""
    coverage = commands.add_parser("coverage", help="show what of the manual has clauses, and what has changed in it")
    coverage.add_argument(
        "--documentation",
        default=None,
        metavar="DIR",
        help="one version's documentation, built by Sphinx: objects.inv and HTML (default: the editions kept here)",
    )
    coverage.add_argument("--record", action="store_true", help="keep the fingerprints of that documentation")
    coverage.add_argument(
        "--changes", nargs=2, default=None, metavar=("OLD", "NEW"), help="what differs between two editions"
    )
    coverage.add_argument("--all", action="store_true", help="show every topic, not only those without a clause")
    coverage.set_defaults(command=coverage_command)


def add_replay(commands: Any) -> None:
    """The options of ``mpconform replay``."""
    again = commands.add_parser("replay", help="run the witness of a violation again")
    again.add_argument("file", metavar="FILE", help="a witness, as `mpconform run --reproducer-dir` writes it")
    again.add_argument("--times", type=int, default=20, metavar="N", help="how often (default: 20)")
    for name in ("python", "implementation", "adapter", "start-method"):
        again.add_argument(f"--{name}", default=None, metavar="NAME", help="instead of what the file says")
    again.add_argument(
        "--implementation-path", action="append", default=[], metavar="DIR", help="instead of what the file says"
    )
    again.set_defaults(command=replay_command)


def add_deviations(commands: Any, run: argparse.ArgumentParser) -> None:
    """The options of ``mpconform deviations``."""
    deviations = commands.add_parser("deviations", help="check the known violations, or bring them up to date")
    actions = deviations.add_subparsers(required=True, metavar="ACTION")
    check = actions.add_parser("check", help="tell whether every entry can be used, and concerns somebody")
    check.add_argument("--deviations", default="own", metavar="PATH", help="a file or a directory of them")
    check.add_argument(
        "--implementation", action="append", default=[], metavar="NAME", help="one more that there is (repeatable)"
    )
    check.set_defaults(command=deviations_command, action="check")
    update = actions.add_parser(
        "update",
        parents=[run],
        conflict_handler="resolve",
        help="check subjects, and propose the edits that make the entries say what was seen, as a diff",
        epilog="Exit status: 0, nothing to edit; 1, edits proposed; 2, it could not run; 130 or 143, interrupted.",
    )
    update.add_argument("--write", action="store_true", help="make the edits, too")
    update.set_defaults(command=deviations_command, action="update")
    scripts = actions.add_parser(
        "reproduce", parents=[run], conflict_handler="resolve", help="write a script for each entry of the subjects"
    )
    scripts.set_defaults(command=deviations_command, action="reproduce")


def add_results(commands: Any) -> None:
    """The options of ``mpconform results``."""
    results = commands.add_parser("results", help="keep reports, and write the page that tells of them")
    results.add_argument("report", nargs="*", metavar="REPORT", help="a report.json to add, as --output writes it")
    results.add_argument("--directory", default="results", metavar="DIR", help="where they are kept (default: results)")
    results.set_defaults(command=results_command)


def results_command(arguments: argparse.Namespace) -> int:
    """Keeps reports, and writes RESULTS.md beside their directory."""
    from conformance import publisher

    return publisher.run(arguments)


def deviations_command(arguments: argparse.Namespace) -> int:
    """Checks deviations, or proposes their edits."""
    from conformance import deviations_command as command

    if arguments.action == "reproduce":
        from conformance import publisher

        return publisher.reproduce_deviations(arguments)
    return command.check(arguments) if arguments.action == "check" else command.update(arguments)


def replay_command(arguments: argparse.Namespace) -> int:
    """Runs a witness again."""
    from conformance import replayer

    return replayer.run(arguments)


def add_subject_options(command: argparse.ArgumentParser) -> None:
    """The options that say what is checked."""
    command.add_argument(
        "--python",
        action="append",
        default=[],
        metavar="PATH_OR_NAME",
        help="interpreter to check (repeatable; default: this one)",
    )
    command.add_argument(
        "--implementation",
        default=None,
        metavar="NAME",
        help="implementation to check, or its package (default: multiprocessing)",
    )
    command.add_argument("--adapter", default=None, metavar="FILE", help="adapter of the implementation to check")
    command.add_argument(
        "--implementation-path",
        action="append",
        default=[],
        metavar="DIR",
        help="directory that the package is imported from (repeatable)",
    )
    command.add_argument(
        "--start-method",
        action="append",
        default=[],
        metavar="NAME",
        help="fork, spawn, forkserver, or another that the implementation has (repeatable; default: all)",
    )


def run_command(arguments: argparse.Namespace) -> int:
    """Checks subjects."""
    from conformance import runner

    return runner.run(arguments)


def smoke_command(arguments: argparse.Namespace) -> int:
    """Tries a few clauses of every spec."""
    from conformance import smoke

    return smoke.run(arguments)


def list_command(arguments: argparse.Namespace) -> int:
    """Shows clauses, one a line."""
    terminal.clauses(catalogue.select(arguments.pattern).values())
    return 0


def explain_command(arguments: argparse.Namespace) -> int:
    """Shows one clause: its statement, its source, and the text that checks it."""
    clause = catalogue.clauses().get(arguments.clause)
    if clause is None:
        hint = catalogue.meant(arguments.clause, several=False)
        raise catalogue.UnknownClause(f"There is no clause {arguments.clause!r}{hint}; `mpconform list` shows all.")
    entry = catalogue.owner(clause.name)
    text = catalogue.text(catalogue.proof(entry.spec, clause))
    terminal.explanation(clause, catalogue.home(entry, clause), manual.link(clause), text)
    return 0


def coverage_command(arguments: argparse.Namespace) -> int:
    """Shows what of the manual has clauses, or what has changed in it."""
    from conformance.documentation import inspection

    return inspection.inspect(arguments)
