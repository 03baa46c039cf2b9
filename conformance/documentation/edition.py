"""An edition of the manual: what is documented, where, and a fingerprint of what is said of it.

The editions that the specs were written against are kept as JSON beside them, so that the next one
shows what to read again.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from conformance import catalogue
from conformance.misuse import Misuse

PAGES = ("library/multiprocessing", "library/multiprocessing.shared_memory")


class BrokenDocumentation(Misuse):
    """There is no edition to be read; the message is one sentence."""


@dataclass(frozen=True)
class Topic:
    """An object or a section: where it is (a page and an anchor), and a fingerprint of its text."""

    uri: str
    fingerprint: str


@dataclass(frozen=True)
class Edition:
    """The topics of one version of Python, by name; a section's is its page and its anchor.

    ``elsewhere`` holds the addresses of objects of other pages to which the manual refers.
    """

    version: str
    topics: Mapping[str, Topic]
    elsewhere: Mapping[str, str]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The version as numbers."""
        return tuple(map(int, self.version.split(".")))

    def uri(self, name: str) -> str | None:
        """Where a topic or an object of another page is, without the host."""
        topic = self.topics.get(name)
        return topic.uri if topic else self.elsewhere.get(name)

    def save(self, path: Path) -> None:
        """Writes the edition as JSON, in an order that shows changes as such."""
        document = {
            "version": self.version,
            "topics": {name: asdict(topic) for name, topic in sorted(self.topics.items())},
            "elsewhere": dict(sorted(self.elsewhere.items())),
        }
        path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def load(path: Path) -> Edition:
    """A kept edition."""
    document = json.loads(path.read_text(encoding="utf-8"))
    topics = {name: Topic(**topic) for name, topic in document["topics"].items()}
    return Edition(document["version"], topics, document["elsewhere"])


def directory() -> Path:
    """Where editions are kept."""
    return catalogue.specs_directory() / "documentation"


@cache
def kept() -> tuple[Edition, ...]:
    """The editions that are kept, oldest first."""
    return tuple(sorted(map(load, directory().glob("*.json")), key=lambda edition: edition.numbers))


def edition(version: str) -> Edition:
    """The kept edition of a version. Raises BrokenDocumentation."""
    for each in kept():
        if each.version == version:
            return each
    raise BrokenDocumentation(f"No edition {version} is kept; there are {', '.join(e.version for e in kept())}.")
