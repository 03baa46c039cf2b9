"""How long a run takes to leave nothing behind, when it is ended by a signal at a random moment.

    python benchmarks/endings.py [--moments 100] [--load 4] [--seed 0]

Fails with what is left if it is not gone after ``--patience`` seconds.
"""

import argparse
import importlib
import random
import signal
import statistics
import sys
from pathlib import Path

from conformance.forensics.disturbance import disturb

SIGNALS = (signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LATEST = 12.0  # seconds into a run


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--moments", type=int, default=100)
    options.add_argument("--load", type=int, default=0)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--patience", type=float, default=60.0)
    arguments = options.parse_args()
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
    leftovers = importlib.import_module("support.leftovers")
    draw, took = random.Random(arguments.seed), dict[str, list[float]]()
    with disturb(arguments.load, 0):
        for number, seconds in moments(draw, arguments.moments):
            run = leftovers.MarkedRun(*leftovers.SOME)
            run.wait(seconds)
            run.end(number)
            took.setdefault(number.name, []).append(run.await_nothing_left(arguments.patience))
            run.process.communicate()
            print(f"{number.name} after {seconds:.2f} s: nothing left {took[number.name][-1]:.2f} s later", flush=True)
    for name, times in took.items():
        print(f"{name}: {len(times)} moments, median {statistics.median(times):.2f} s, longest {max(times):.2f} s")


def moments(draw: random.Random, count: int) -> list[tuple[signal.Signals, float]]:
    """Signals in turn, each at a random moment."""
    return [(SIGNALS[number % len(SIGNALS)], draw.uniform(0, LATEST)) for number in range(count)]


if __name__ == "__main__":
    main()
