"""An edition of the manual: what is documented, where, and a fingerprint of its text.

The editions that the specs were written against are kept as JSON beside them, so that a comparison with
the next edition shows what to read again.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from conformance import catalogue
from conformance.files import write_whole
from conformance.misuse import Misuse

PAGES = ("library/multiprocessing", "library/multiprocessing.shared_memory")


class BrokenDocumentation(Misuse):
    """An edition cannot be read; the message is one sentence."""


@dataclass(frozen=True)
class Topic:
    """An object or a section: where it is (a page and an anchor), and a fingerprint of its text."""

    uri: str
    fingerprint: str


@dataclass(frozen=True)
class Edition:
    """The topics of one version of Python, by name; the name of a section is its page and its anchor.

    ``elsewhere`` holds the addresses of objects on other pages that the manual refers to.
    """

    version: str
    topics: Mapping[str, Topic]
    elsewhere: Mapping[str, str]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The version as a tuple of numbers."""
        return tuple(map(int, self.version.split(".")))

    def uri(self, name: str) -> str | None:
        """The address of a topic, or of an object on another page, without the host."""
        topic = self.topics.get(name)
        return topic.uri if topic else self.elsewhere.get(name)

    def save(self, path: Path) -> None:
        """Writes the edition as JSON, sorted so that diffs show only changes. Raises Unwritten."""
        document = {
            "version": self.version,
            "topics": {name: asdict(topic) for name, topic in sorted(self.topics.items())},
            "elsewhere": dict(sorted(self.elsewhere.items())),
        }
        write_whole(path, json.dumps(document, indent=1) + "\n")


def load(path: Path) -> Edition:
    """Loads an edition from a file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    topics = {name: Topic(**topic) for name, topic in document["topics"].items()}
    return Edition(document["version"], topics, document["elsewhere"])


def directory() -> Path:
    """The directory where editions are kept."""
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
    raise BrokenDocumentation(f"No edition {version} is kept; expected one of {', '.join(e.version for e in kept())}.")
