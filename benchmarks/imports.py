"""How the places of ``conformance`` import each other: a place is a folder, or a module beside the folders.

    python benchmarks/imports.py [--mermaid]

Needs import-linter, whose graph it reads. Prints the numbers of places, floors and arrows, then every place below the
floors of what imports it, with the places that it imports itself. With ``--mermaid`` it prints a diagram, in which
an arrow is left out if a longer way leads there as well.
"""

import argparse
from collections import defaultdict
from functools import cache

import grimp

PACKAGE = "conformance"
Arrows = dict[str, set[str]]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--mermaid", action="store_true", help="print a diagram instead of a table")
    arrows = read_arrows()
    print(draw(arrows) if options.parse_args().mermaid else tabulate(arrows))


def place_of(module: str) -> str:
    """The folder of a module, or the module itself if it stands beside the folders."""
    return module.split(".")[1] if module != PACKAGE else ""


def read_arrows() -> Arrows:
    """The places that each place imports, itself apart."""
    graph, arrows = grimp.build_graph(PACKAGE), Arrows()
    for module in graph.modules - {PACKAGE}:
        imported = {place_of(each) for each in graph.find_modules_directly_imported_by(module)}
        arrows.setdefault(place_of(module), set()).update(imported - {place_of(module), ""})
    return arrows


def measure_floors(arrows: Arrows) -> dict[str, int]:
    """The floor of each place: one above the highest that it imports; 1 if it imports none."""

    @cache
    def floor(place: str) -> int:
        return 1 + max(map(floor, arrows[place]), default=0)

    return {place: floor(place) for place in arrows}


def tabulate(arrows: Arrows) -> str:
    """The numbers, and a line for each place, from the top floor down."""
    floors = measure_floors(arrows)
    heads = f"{len(arrows)} places, {max(floors.values())} floors, {sum(map(len, arrows.values()))} arrows"
    places = sorted(arrows, key=lambda place: (-floors[place], place))
    return "\n".join([heads, *(f"{floors[each]:2} {each:15} {' '.join(sorted(arrows[each]))}" for each in places)])


def draw(arrows: Arrows) -> str:
    """A diagram in Mermaid: an arrow from each place to what it imports, if no other place leads there."""
    beyond: dict[str, set[str]] = defaultdict(set)  # what the imports of a place import, however far
    for place in sorted(arrows, key=measure_floors(arrows).__getitem__):
        for each in arrows[place]:
            beyond[place] |= arrows[each] | beyond[each]
    kept = [f"    {place} --> {each}" for place in sorted(arrows) for each in sorted(arrows[place] - beyond[place])]
    return "\n".join(["flowchart TD", *kept])


if __name__ == "__main__":
    main()
