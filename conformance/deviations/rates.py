"""How often the witness of a race shows it: what a soak proposes to write into its entry."""

import math
from collections.abc import Iterable, Mapping

from conformance.deviations.editing import Change
from conformance.deviations.entry import Deviation, Rate

FEWEST = 3  # hits on which a new rate must rest
CHANCE = 0.01  # at which a lower rate is taken for luck


def propose_rates(known: Iterable[Deviation], replays: Mapping[str, Mapping[str, tuple[int, int]]]) -> list[Change]:
    """The edits of rates that a soak refines; ``replays`` are hits and tries by deviation and subject.

    A rate is the least that any subject has shown. Another one is proposed if it rests on more replays, or is so much
    lower that chance does not explain it.
    """
    found = []
    for deviation in known:
        least = find_least(replays.get(deviation.name, {}).values())
        if deviation.rate and least and refines(least, deviation.rate):
            found.append(Change(deviation.file, deviation.name, "rate", str(least)))
    return found


def find_least(counts: Iterable[tuple[int, int]]) -> Rate | None:
    """The least of the rates that rest on enough hits; None if none does."""
    rates = [Rate(hits, tries) for hits, tries in counts if hits >= FEWEST]
    return min(rates, key=share, default=None)


def refines(rate: Rate, known: Rate) -> bool:
    """Whether a rate is worth more than the one that is known."""
    return rate.tries > known.tries or chance_of_as_few(rate, share(known)) < CHANCE


def chance_of_as_few(rate: Rate, part: float) -> float:
    """The probability that no more of so many replays show what ``part`` of all replays shows (binomial)."""
    counts = range(rate.hits + 1)
    return sum(math.comb(rate.tries, hits) * part**hits * (1 - part) ** (rate.tries - hits) for hits in counts)


def share(rate: Rate) -> float:
    """The part of the replays that has shown it."""
    return rate.hits / rate.tries
