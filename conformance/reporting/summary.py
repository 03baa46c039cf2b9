"""What a run prints at its end: the table of clauses by subject, every failure, and whether all is as expected."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from textwrap import shorten

from rich.console import Console
from rich.text import Text

from conformance.checking.record import UNEXPECTED, VERDICTS, Record
from conformance.reporting.table import STYLES, table
from conformance.reporting.terminal import print_table
from conformance.subjects.applicability import describe_unclaimed
from conformance.subjects.subject import Interpreter, Subject

WHY = 200  # characters of the reason why clauses do not apply


def summary(out: Console, records: Sequence[Record], subjects: Sequence[Subject], everything: bool) -> None:
    """Prints the table, most interesting first, then every failure, then how many verdicts there are of each kind."""
    print_table(out, table(records, subjects, everything))
    alike: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        if record.verdict in UNEXPECTED and not record.not_run and is_first(record, records):
            alike.setdefault((record.clause, record.verdict), []).append(record)
    for same in alike.values():
        failure(out, same)
    interpreters = dict.fromkeys(subject.interpreter for subject in subjects)
    for line in [*shortages(records), *unrun(records), *inapplicable(records, subjects), *unclaimed(interpreters)]:
        out.print(line, markup=False, soft_wrap=True)
    times = Counter(record.verdict for record in records)
    shown = [f"[{STYLES[v]}]{times[v]} {v}[/]" for v in VERDICTS if times[v]]
    out.print(f"{counted(len(records), 'verdict')}: {', '.join(reversed(shown))}", soft_wrap=True)


def conclusion(records: Collection[Record]) -> str:
    """Whether all verdicts are as expected, in a sentence: the last line of a run."""
    times = Counter(record.verdict for record in records)
    bad = {verdict: times[verdict] for verdict in UNEXPECTED if times[verdict]}
    if bad:
        return (
            f"{sum(bad.values())} unexpected: {', '.join(f'{n} {verdict}' for verdict, n in bad.items())}; see above."
        )
    if times["unproven"]:
        return f"{counted(len(records), 'verdict')}, none unexpected, but {times['unproven']} unproven."
    return f"{counted(len(records), 'verdict')}, {'all ' * (len(records) > 1)}as expected."


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``3 verdicts``."""
    return f"{number} {noun}{'s' * (number != 1)}"


def is_first(record: Record, records: Iterable[Record]) -> bool:
    """Whether this is the first record that says what the machine was short of; the others are only counted."""
    return not record.short or record is next(each for each in records if each.short == record.short)


def shortages(records: Iterable[Record]) -> list[str]:
    """What the machine was short of, a line each."""
    short: dict[str, set[str]] = {}
    for record in records:
        if record.short:
            short.setdefault(record.short, set()).add(record.clause)
    return [
        f"the machine was short of {what}: {counted(len(names), 'clause')} unknown" for what, names in short.items()
    ]


def unrun(records: Iterable[Record]) -> list[str]:
    """Why classes were not run to their end, a line for each reason."""
    reasons: dict[str, set[str]] = {}
    for record in records:
        if record.not_run:
            reasons.setdefault(record.reason, set()).add(record.clause)
    return [f"unknown, {counted(len(names), 'clause')}: {why}" for why, names in reasons.items()]


def inapplicable(records: Iterable[Record], subjects: Iterable[Subject]) -> list[str]:
    """Why clauses do not apply, the reasons of most clauses first, a line for each.

    All names that an implementation does not claim share a line, those that most clauses need first.
    """
    implementations = {str(subject): subject.interpreter.implementation for subject in subjects}
    reasons: dict[tuple[str, bool], set[str]] = {}
    missing: dict[tuple[str, bool], Counter[str]] = {}
    for record in records:
        if record.verdict == "not applicable":
            unclaimed = bool(record.missing)
            key = (implementations[record.subject] if unclaimed else record.reason, unclaimed)
            reasons.setdefault(key, set()).add(record.clause)
            missing.setdefault(key, Counter()).update(record.missing)
    lines = []
    for (why, unclaimed), clauses in sorted(reasons.items(), key=lambda item: -len(item[1])):
        names = [name for name, _ in missing[why, unclaimed].most_common()]
        text = shorten(describe_unclaimed(why, names) if unclaimed else why, WHY, placeholder=" ...")
        lines.append(f"not applicable, {counted(len(clauses), 'clause')}: {text}")
    return lines


def unclaimed(interpreters: Iterable[Interpreter]) -> list[str]:
    """What implementations have without claiming it, a line for each."""
    return [f"{i} also has what it does not claim: {', '.join(i.unclaimed)}" for i in interpreters if i.unclaimed]


def failure(out: Console, same: Sequence[Record]) -> None:
    """Prints an unexpected verdict on a clause once for all the subjects that share it.

    There is no frame, and no line is broken: scripts, commands and links are copied from here.
    """
    first, *others = same
    text = Text(first.message)
    if others:
        text.append("\nThe same:  " + "; ".join(record.subject for record in others))
    title = Text(f"{first.verdict}: {first.clause}", STYLES[first.verdict])
    out.print(Text("\n").join([Text(), title, text]), soft_wrap=True)
