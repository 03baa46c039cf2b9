"""Wear: how often a clause is seen broken before scripts keep away from it, since they end where it is."""

from collections.abc import Collection, Mapping

ENOUGH = 4  # failures of a clause that fails more often than not, after which no script leads to it any more
PLENTY = 16  # failures of any clause, after which no script leads to it any more
TOO_MANY = 160  # failures of all clauses together, after which no script is played any more


def find_worn(failures: Mapping[str, int], exercised: Mapping[str, int], races: Collection[str]) -> frozenset[str]:
    """The clauses whose violations have been seen often enough; never those of known ``races``."""
    return frozenset(
        name
        for name, count in failures.items()
        if name not in races and (count >= PLENTY or count >= max(ENOUGH, exercised[name] + 1))
    )
