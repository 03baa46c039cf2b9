"""Contended examples a second, by start method, against starting processes for every example.

    python benchmarks/rates.py [--python PATH_OR_NAME]

Plays scripts of 3 actors and 8 calls from one driver process, on stocks of fresh objects and
crews that are used again; and, for comparison, starts 3 processes by spawn for every example, as
a test that cannot share a crew does. Prints examples a second; the wall time is given with it.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from conformance import catalogue
from conformance.checking.script import Script
from conformance.driver.campaign import Campaign
from conformance.driver.profiles import Profile
from conformance.driver.stock import STOCK
from conformance.generation.composition import some_call
from conformance.subjects.subject import Subject, probe, subjects

EXAMPLES = 4 * STOCK
PROFILE = Profile("benchmark", scripts=0, pinned=0, streams=0, scenarios=0)

PER_EXAMPLE = """
import multiprocessing, time

def calls(queue, lock):
    for _ in range(3):
        queue.put(1); queue.get()

if __name__ == "__main__":
    mp = multiprocessing.get_context("spawn")
    started, examples = time.perf_counter(), 8
    for _ in range(examples):
        queue, lock = mp.Queue(), mp.Lock()
        children = [mp.Process(target=calls, args=(queue, lock)) for _ in range(3)]
        [child.start() for child in children]
        [child.join() for child in children]
    print(examples / (time.perf_counter() - started))
"""


def contended(spec, number: int) -> Script:
    """Rounds of 3, 3 and 2 calls that overlap: 8 calls by 3 actors."""
    random = Random(number)
    known = [spec.operations[name] for name in ("put_nowait", "get_nowait", "qsize", "empty")]
    rounds = [{actor: (some_call(random.choice(known), random),) for actor in range(n)} for n in (3, 3, 2)]
    return Script({"maxsize": 2}, tuple(rounds))


def rate(subject: Subject) -> float:
    """Examples a second: stocks, crews and the stage's start included."""
    entry = catalogue.entry("queue")
    campaign = Campaign(entry, subject, PROFILE, 0)
    scripts = [contended(entry.spec, number) for number in range(EXAMPLES)]
    started = time.perf_counter()
    try:
        campaign.play(scripts)
    finally:
        campaign.close()
    elapsed = time.perf_counter() - started
    assert not campaign.findings.violated, campaign.findings.violated
    assert campaign.findings.runs == EXAMPLES
    return EXAMPLES / elapsed


def rate_per_example(python: str) -> float:
    """Examples a second when each starts its own processes by spawn."""
    with tempfile.TemporaryDirectory() as directory:
        script = Path(directory) / "per_example.py"
        script.write_text(PER_EXAMPLE)
        return float(subprocess.run([python, script], capture_output=True, text=True, check=True).stdout)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--python", default=sys.executable)
    interpreter = probe(options.parse_args().python)
    rates = {subject: rate(subject) for subject in subjects(interpreter, ())}
    alone = rate_per_example(interpreter.executable)
    for subject, found in rates.items():
        print(f"{subject}: {found:.0f} contended examples a second, {found / alone:.0f} times {alone:.2f}")


if __name__ == "__main__":
    main()
