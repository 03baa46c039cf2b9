"""What a run says about an entry that is there: it goes, or it concerns fewer subjects, or more."""

import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from conformance.deviations.editing import Change, Edit, Remove
from conformance.deviations.entry import Deviation, among, numbers
from conformance.deviations.sightings import Sightings
from conformance.subjects.subject import Subject

START_METHODS = ("fork", "spawn", "forkserver")
INTERPRETERS = ("CPython", "PyPy")


DIMENSIONS: Mapping[str, Callable[[Subject], str]] = {
    "start_methods": lambda subject: subject.start_method,
    "interpreters": lambda subject: subject.interpreter.name,
    "implementations": lambda subject: subject.interpreter.implementation,
}


class Undecided(Exception):
    """The run cannot tell what the entry should say; the message is what a person has to know."""


def narrowed(deviation: Deviation, found: Sightings) -> list[Edit]:
    """The edits for an entry that some subjects do not show any more. Raises Undecided."""
    if not found.gone:
        return []
    if found.seen:
        return [split(deviation, found)]
    if found.unsure:
        raise Undecided(f"{deviation.place} is gone on {listed(found.gone)}; not sure on {listed(found.unsure)}.")
    return [vanished(deviation, found.gone)]


def split(deviation: Deviation, found: Sightings) -> Change:
    """Some show it and some do not: what tells them apart. Raises Undecided."""
    for key, of in DIMENSIONS.items():
        seen, gone = {of(s) for s in found.seen}, {of(s) for s in found.gone}
        if not seen & gone:
            return narrower(deviation, key, gone)
    seen_at, gone_at = ({s.interpreter.version for s in group} for group in (found.seen, found.gone))
    if max(seen_at) < min(gone_at):
        return change(deviation, "until", between(max(seen_at), min(gone_at)))
    if max(gone_at) < min(seen_at):
        return change(deviation, "since", between(max(gone_at), min(seen_at)))
    raise Undecided(f"{deviation.place} was seen on {listed(found.seen)}, and not on {listed(found.gone)}.")


def vanished(deviation: Deviation, gone: Sequence[Subject]) -> Edit:
    """Nobody shows it: the entry goes, unless it concerns others, on whom nothing was run. Raises Undecided."""
    methods = {subject.start_method for subject in gone}
    there_are = dict.fromkeys(method for subject in gone for method in subject.interpreter.start_methods)
    left = [method for method in deviation.start_methods or there_are if method not in methods]
    if left:
        raise Undecided(f"{deviation.place} is gone on {listed(gone)}; run it by {' and '.join(left)}, too.")
    oldest = min(subject.interpreter.version for subject in gone)
    if numbers(deviation.since)[:2] < oldest[:2]:
        return change(deviation, "until", written(oldest[:2]))
    for key in ("interpreters", "implementations"):
        others = [each for each in potential(deviation, key) if each not in {DIMENSIONS[key](s) for s in gone}]
        if others:
            return narrower(deviation, key, {DIMENSIONS[key](s) for s in gone})
    return Remove(deviation.file, deviation.name)


def widened(deviation: Deviation, shown: Iterable[Subject]) -> list[Edit]:
    """The edits that make an entry concern those of its kind who have shown what it says; none if there are none.

    An implementation that shows just the same is one more of its kind.
    """
    shown = list(shown)
    kin = [subject for subject in shown if is_kin(deviation, subject)]
    found: dict[str, Edit] = {}
    for subject in sorted(kin, key=lambda subject: subject.interpreter.version):
        version = subject.interpreter.version
        if version >= numbers(deviation.until):
            found["until"] = change(deviation, "until", written((version[0], version[1] + 1)))
        elif version < numbers(deviation.since):
            found.setdefault("since", change(deviation, "since", written(version[:2])))
        elif not among(subject.start_method, deviation.start_methods):
            methods = {*deviation.start_methods, *(each.start_method for each in kin)}
            found["start_methods"] = change(deviation, "start_methods", tuple(sorted(methods)))
    if names := newly(deviation, shown):
        found["implementations"] = change(deviation, "implementations", (*deviation.implementations, *names))
    return list(found.values())


def newly(deviation: Deviation, shown: Iterable[Subject]) -> list[str]:
    """The implementations that only their name keeps out."""
    anyone = replace(deviation, implementations=(), since_release="", until_release="")
    names = {subject.interpreter.implementation for subject in shown if anyone.concerns(subject)}
    return sorted(names - set(deviation.implementations)) if deviation.implementations else []


def is_kin(deviation: Deviation, subject: Subject) -> bool:
    """Whether only its version of Python or its start method can keep a subject out."""
    names = ("implementations", "interpreters")
    same = all(among(DIMENSIONS[name](subject), getattr(deviation, name)) for name in names)
    return same and among(sys.platform, deviation.platforms) and deviation.released(subject.interpreter.release)


def potential(deviation: Deviation, key: str) -> tuple[str, ...]:
    """The names that an entry may concern."""
    given: tuple[str, ...] = getattr(deviation, key)
    return given or {"start_methods": START_METHODS, "interpreters": INTERPRETERS}.get(key, ())


def narrower(deviation: Deviation, key: str, without: Collection[str]) -> Change:
    """The entry without some names of a key."""
    return change(deviation, key, tuple(name for name in potential(deviation, key) if name not in without))


def change(deviation: Deviation, key: str, value: str | tuple[str, ...]) -> Change:
    """The entry with another value of a key."""
    return Change(deviation.file, deviation.name, key, value)


def between(one: tuple[int, ...], next_: tuple[int, ...]) -> str:
    """The version at which something changes between two that were run: a minor one, if they differ in that."""
    return written(next_[:2] if one[:2] != next_[:2] else next_)


def written(version: Iterable[int]) -> str:
    """A version as text."""
    return ".".join(map(str, version))


def listed(subjects: Iterable[Subject]) -> str:
    """Subjects in words."""
    return ", ".join(map(str, subjects))
