"""What became of clauses that have been renamed or withdrawn, as ``specs/renamed.toml`` says."""

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Former:
    """A name that no clause has any more: the ``names`` of those that say it now, or the ``reason`` if none does."""

    name: str
    names: tuple[str, ...] = ()
    reason: str = ""

    @property
    def fate(self) -> str:
        """What became of it, as the end of a sentence that begins with its name."""
        if not self.names:
            return f"was withdrawn: {self.reason}"
        return f"is now called {' and '.join(map(repr, self.names))}"


def read_former(path: Path) -> dict[str, Former]:
    """The former names in a file, by name. Raises OSError, TypeError and ValueError: the file comes with the specs."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["clause"]
    found = [Former(each.pop("name"), tuple(each.pop("names", ())), **each) for each in entries]
    return {each.name: each for each in found}
