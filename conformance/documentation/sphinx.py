"""Reads an edition from what Sphinx built: ``objects.inv`` and the HTML of the pages."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from sphobjinv import Inventory

from conformance.documentation.edition import PAGES, BrokenDocumentation, Edition, Topic

DIGITS = 16  # of a fingerprint: enough to notice a change


def read_edition(directory: Path, elsewhere: Iterable[str] = ()) -> Edition:
    """The edition in a directory, with the addresses of objects ``elsewhere``. Raises BrokenDocumentation."""
    try:
        inventory = Inventory(fname_zlib=str(directory / "objects.inv"))
        pages = {page: BeautifulSoup((directory / f"{page}.html").read_bytes(), "html.parser") for page in PAGES}
    except (OSError, ValueError) as error:
        raise BrokenDocumentation(f"{directory} holds no documentation that Sphinx has built: {error}.") from None
    addresses = {each.name: each.uri_expanded for each in inventory.objects if each.domain == "py"}
    topics = {name: topic for name, uri in addresses.items() if (topic := described(pages, uri))}
    topics.update(sections(pages))
    others = {name: addresses[name] for name in elsewhere if name in addresses and name not in topics}
    return Edition(str(inventory.version), topics, others)


def described(pages: dict[str, BeautifulSoup], uri: str) -> Topic | None:
    """The topic of an object; None if it is on none of the pages."""
    file, _, anchor = uri.partition("#")
    soup = pages.get(file.removesuffix(".html"))
    found = soup.find(id=anchor) if soup else None
    if not isinstance(found, Tag):
        return None
    entry = found.parent if found.name == "dt" else found
    assert entry is not None
    return Topic(uri, fingerprint(entry))


def sections(pages: dict[str, BeautifulSoup]) -> Iterator[tuple[str, Topic]]:
    """The sections that are no description of a module, by name."""
    for page, soup in pages.items():
        for section in soup.find_all("section"):
            anchor = str(section.get("id"))
            if not anchor.startswith("module-"):
                yield f"{page}#{anchor}", Topic(f"{page}.html#{anchor}", fingerprint(section))


def fingerprint(entry: Tag) -> str:
    """A digest of an entry's own words, without those of the entries inside it."""
    return hashlib.sha256(" ".join(" ".join(own_text(entry)).split()).encode()).hexdigest()[:DIGITS]


def own_text(entry: Tag) -> Iterator[str]:
    """The texts of an entry, but for inner sections, inner objects, and links to itself."""
    for child in entry.children:
        if not isinstance(child, Tag):
            yield str(child)
        elif not stands_apart(child):
            yield from own_text(child)


def stands_apart(child: Tag) -> bool:
    """Whether it is a section or an object of its own, or a link to what holds it."""
    classes = child.get_attribute_list("class")
    return child.name == "section" or "headerlink" in classes or (child.name == "dl" and "py" in classes)
