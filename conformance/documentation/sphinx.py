"""Reads an edition from what Sphinx built: ``objects.inv`` and the HTML of the pages."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from sphobjinv import Inventory

from conformance.documentation.edition import PAGES, BrokenDocumentation, Edition, Topic

DIGITS = 16  # of a fingerprint: enough to notice a change


def read_edition(directory: Path, elsewhere: Iterable[str] = ()) -> Edition:
    """Reads the edition in a directory, and the addresses of the objects ``elsewhere``. Raises BrokenDocumentation."""
    try:
        inventory = Inventory(fname_zlib=str(directory / "objects.inv"))
        pages = {page: BeautifulSoup((directory / f"{page}.html").read_bytes(), "html.parser") for page in PAGES}
    except (OSError, ValueError) as error:
        raise BrokenDocumentation(f"{directory} does not hold documentation built by Sphinx: {error}.") from None
    addresses = {each.name: each.uri_expanded for each in inventory.objects if each.domain == "py"}
    topics = {name: topic for name, uri in addresses.items() if (topic := described(pages, uri))}
    topics.update(sections(pages))
    others = {name: addresses[name] for name in elsewhere if name in addresses and name not in topics}
    return Edition(str(inventory.version), topics, others)


def described(pages: dict[str, BeautifulSoup], uri: str) -> Topic | None:
    """The topic of an object; None if it is not on any of the pages."""
    file, _, anchor = uri.partition("#")
    soup = pages.get(file.removesuffix(".html"))
    found = soup.find(id=anchor) if soup else None
    if not isinstance(found, Tag):
        return None
    entry = found.parent if found.name == "dt" else found
    assert entry is not None
    return Topic(uri, fingerprint(entry))


def sections(pages: dict[str, BeautifulSoup]) -> Iterator[tuple[str, Topic]]:
    """The sections that do not describe a whole module, with their names."""
    for page, soup in pages.items():
        for section in soup.find_all("section"):
            anchor = str(section.get("id"))
            if not anchor.startswith("module-"):
                yield f"{page}#{anchor}", Topic(f"{page}.html#{anchor}", fingerprint(section))


def fingerprint(entry: Tag) -> str:
    """A digest of an entry's own text, without that of the entries inside it."""
    return hashlib.sha256(" ".join(" ".join(own_text(entry)).split()).encode()).hexdigest()[:DIGITS]


def own_text(entry: Tag) -> Iterator[str]:
    """The text of an entry, except inner sections, inner objects, and links to itself."""
    for child in entry.children:
        if not isinstance(child, Tag):
            yield str(child)
        elif not stands_apart(child):
            yield from own_text(child)


def stands_apart(child: Tag) -> bool:
    """Whether an element is a section or an object in its own right, or a link to the element that holds it."""
    classes = child.get_attribute_list("class")
    return child.name == "section" or "headerlink" in classes or (child.name == "dl" and "py" in classes)
