"""Claims the pools of ``foreign`` and locks, by start methods of its own."""

from conformance.implementation import EVERYTHING, Implementation

OTHERS = "apply_async", "map", "map_async", "starmap", "starmap_async", "imap", "imap_unordered"

implementation = Implementation(
    "foreign",
    package="partial.foreign",
    provides=frozenset(["Process", "Lock", "pool.Pool"]),
    lacks=frozenset("pool.Pool." + name for name in OTHERS),
    borrows=EVERYTHING - {"Process", "Lock", "pool.Pool"},
    submodules="multiprocessing",
    start_methods=("bare", "launched", "pools", "texts", "numbers"),
)
