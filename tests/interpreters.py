"""Conformance runs of the interpreters on PATH, for tox.

All of them get the quick profile. With ``--quick python3.8 newest --others``, only these two do, and all others get a
sample, each with one start method, so that a few of them together try all start methods.
"""

import argparse
import itertools
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = [*(f"python3.{minor}" for minor in range(8, 16)), "pypy3.11"]  # in the order of their versions
NEWEST = "newest"  # of the CPythons that are found
ASK = "import platform, sys; print(platform.python_implementation(), *sys.version_info[:3])"


def version(name: str) -> str:
    """Implementation and version of an interpreter; empty, with a message, if it is missing or does not run."""
    path = shutil.which(name)
    if path is None:
        print(f"{name} is missing: skipped", flush=True)
        return ""
    try:
        done = subprocess.run([path, "-c", ASK], capture_output=True, text=True, timeout=60)
        if done.returncode == 0:
            return done.stdout.strip()
        said = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
    except (OSError, subprocess.TimeoutExpired) as error:
        said = str(error)
    print(f"{name} does not run: skipped ({said})", flush=True)
    return ""


def found(names: list[str]) -> list[str]:
    """The interpreters that run, one of each version: mpconform refuses two that it cannot distinguish."""
    first: dict[str, str] = {}
    for name in names:
        if known := version(name):
            first.setdefault(known, name)
    return list(first.values())


def run(names: list[str], output: Path | None, *options: str) -> int:
    """Checks interpreters in one session, so that all workers stay busy; returns its exit status."""
    print(f"{', '.join(names)} {' '.join(options)}".rstrip(), flush=True)
    words = [sys.executable, "-m", "conformance", "run", *options]
    words += [word for name in names for word in ("--python", name)]
    return subprocess.call([*words, "--output", str(output / "-".join(names))] if output else words)


def sample(names: list[str], output: Path | None) -> list[int]:
    """Checks a sample on each interpreter, with a different start method each time; returns the exit statuses."""
    methods = itertools.cycle(("fork", "spawn", "forkserver"))
    return [run([name], output, "--profile", "sample", "--start-method", next(methods)) for name in names]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick",
        nargs="+",
        choices=[*NAMES, NEWEST],
        default=NAMES,
        metavar="NAME",
        help='run the profile "quick" on these',
    )
    parser.add_argument("--others", action="store_true", help='run the profile "sample" on all others')
    parser.add_argument("--output", type=Path, metavar="DIR", help="where reports are written, a directory per run")
    options = parser.parse_args()
    here = found(NAMES if options.others or NEWEST in options.quick else options.quick)
    if not here:
        print("None of these interpreters was found: there is nothing to check.", file=sys.stderr)
        return 1
    newest = [name for name in here if name.startswith("python")][-1:] if NEWEST in options.quick else []
    quick = [name for name in here if name in [*options.quick, *newest]]
    others = [name for name in here if name not in quick] if options.others else []
    statuses = [run(quick, options.output)] if quick else []
    return max([*statuses, *sample(others, options.output)], key=abs)


if __name__ == "__main__":
    sys.exit(main())
