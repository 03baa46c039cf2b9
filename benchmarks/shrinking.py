"""How small violations of races become, how long that takes, and how often what is left shows them."""

import importlib
import inspect
import sys
import time
from dataclasses import replace
from pathlib import Path

from conformance import catalogue
from conformance.driver.campaign import Campaign
from conformance.driver.profiles import Profile
from conformance.driver.shrinking import shrink
from conformance.subjects.subject import Subject, probe

TESTS = Path(__file__).parent.parent / "tests"
PROFILE = Profile("races", scripts=240, pinned=0, streams=0, scenarios=0)
SECONDS = 20.0


def main() -> None:
    sys.path.insert(0, str(TESTS))
    races = importlib.import_module("support.races")
    print("race                  calls found  calls left  smallest known   runs  seconds  shows in")
    for name, race in vars(races).items():
        if inspect.isclass(race) and hasattr(race, "smallest"):
            subject = Subject(
                replace(probe(sys.executable), implementation=f"support.races:{name}", path=(str(TESTS),)), "fork"
            )
            print(f"{name:20}  {measured(subject, race)}", flush=True)


def measured(subject: Subject, race: type) -> str:
    """One race: what a campaign has found, shrunk."""
    (clause,) = race.breaks
    found: tuple = ()
    for seed in range(10):
        found = Campaign(catalogue.owner(clause), subject, PROFILE, seed).run([clause]).violated.get(clause, ())
        if found:
            break
    if not found:
        return "not found"
    longest = max(found, key=lambda violation: len(violation.history))
    started = time.monotonic()
    shrunk = shrink(longest, subject, SECONDS)
    spent = time.monotonic() - started
    before, after = len(longest.witness.script), len(shrunk.witness.script)
    return (
        f"{before:11}  {after:10}  {race.smallest:14}  {shrunk.runs:5}  {spent:7.1f}  {shrunk.hits} of {shrunk.tries}"
        f"   {shrunk.witness.to_json()['rounds']}"
    )


if __name__ == "__main__":
    main()
