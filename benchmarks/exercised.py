"""Compares how often two runs have put each clause to the test, from their reports.

    python benchmarks/exercised.py BEFORE/report.json AFTER/report.json

Prints every clause and subject whose verdict differs, and every one that is exercised less than half as often; then
two lines about all. Exits with 1 if a verdict differs, or if what was exercised before is not exercised afterwards.
"""

import argparse
from pathlib import Path
from typing import Any

from conformance.reporting.results import load

RARELY = 0.5  # of the times before


def results(path: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The results of a report by clause and subject."""
    return {(result["clause"], result["subject"]): result for result in load(Path(path))["results"]}


def times(result: dict[str, Any]) -> int:
    """How often the clause was put to the test, whatever came of it."""
    return int(result["exercised"]) + int(result["times"])


def main() -> int:
    """Prints what differs, and returns the exit status."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("before")
    options.add_argument("after")
    chosen = options.parse_args()
    before, after = results(chosen.before), results(chosen.after)
    worse = False
    for key in before.keys() & after.keys():
        was, now = before[key], after[key]
        lost = times(was) > 0 and times(now) == 0
        if was["verdict"] != now["verdict"] or times(now) < times(was) * RARELY:
            print(f"{key[0]} [{key[1]}]: {was['verdict']} ({times(was)}) -> {now['verdict']} ({times(now)})")
        worse = worse or lost or was["verdict"] != now["verdict"]
    only = before.keys() ^ after.keys()
    print(f"{len(before.keys() & after.keys())} verdicts compared, {len(only)} in one report only")
    old, new = (sum(map(times, each.values())) for each in (before, after))
    print(f"put to the test {old} times before, {new} afterwards")
    return int(worse)


if __name__ == "__main__":
    raise SystemExit(main())
