"""Claims processes, which are there, and barriers, which are not; and does not claim the locks that are."""

from conformance.implementation import Implementation

implementation = Implementation(
    "partial",
    package="partial",
    provides=frozenset(["Process", "Barrier"]),
    start_methods=("fork",),
)
