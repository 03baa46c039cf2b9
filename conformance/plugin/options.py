"""The options of a run, stated once: for ``mpconform``, for pytest, and for the session that ``mpconform`` starts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.driver.profiles import PROFILES


@dataclass(frozen=True)
class Option:
    """An option with settings for ``argparse.ArgumentParser.add_argument``, which pytest understands as well."""

    flag: str
    settings: dict[str, Any] = field(hash=False)

    @property
    def name(self) -> str:
        """The name of its attribute among the parsed options."""
        return self.flag.lstrip("-").replace("-", "_")

    def add(self, accept: Callable[..., Any]) -> None:
        """Declares it; ``accept`` is ``add_argument`` of a parser or ``addoption`` of an option group of pytest."""
        accept(self.flag, **self.settings)

    def words(self, value: Any) -> Iterator[str]:
        """The words of a command line that give it this value."""
        for each in value if self.settings.get("action") == "append" else [value]:
            if each is not None:
                yield f"{self.flag}={each}"


def option(flag: str, meaning: str, **settings: Any) -> Option:
    """An option whose default is None unless another is given."""
    return Option(flag, {"help": meaning, "default": None, **settings})


def several(flag: str, meaning: str, **settings: Any) -> Option:
    """An option that may be given several times."""
    return Option(flag, {"help": meaning, "action": "append", "default": [], **settings})


SUBJECTS: Sequence[Option] = (
    several("--python", "interpreter to check (repeatable; default: this one)", metavar="PATH_OR_NAME"),
    option("--implementation", "implementation to check, or its package (default: multiprocessing)", metavar="NAME"),
    option("--adapter", "adapter of the implementation to check", metavar="FILE"),
    several("--implementation-path", "directory from which the package is imported (repeatable)", metavar="DIR"),
    several(
        "--start-method",
        "fork, spawn, forkserver, or another that the implementation has (repeatable; default: all)",
        metavar="NAME",
    ),
)

CHECKS: Sequence[Option] = (
    several("--clause", "clauses to check, such as 'queue.put.*' (repeatable; default: all)", metavar="GLOB"),
    option("--profile", "how much to run (default: quick)", default="quick", choices=sorted(PROFILES)),
    option("--seed", "random seed of the scripts (default: 0)", type=int, default=0, metavar="N"),
    several(
        "--deviations",
        "known violations: a file, or a directory of files (repeatable; default: own, those of the specs)",
        metavar="PATH",
    ),
    option(
        "--shrink",
        "time limit for shrinking a violation; 0 disables shrinking (default: 20)",
        type=float,
        default=20.0,
        metavar="SECONDS",
    ),
    option(
        "--reproducer-dir",
        "where to keep scripts, test cases, witnesses and timelines of violations (default: nowhere)",
        metavar="DIR",
    ),
)
