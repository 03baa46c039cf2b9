"""loky: contexts of multiprocessing whose processes, queues and primitives are loky's own."""

from conformance.implementation import Implementation

ELSEWHERE = frozenset(["get_all_start_methods", "set_start_method", "cpu_count"])  # it documents its own
LATER = frozenset(kind + ".locked" for kind in ("Lock", "RLock", "Semaphore", "BoundedSemaphore"))  # new in 3.14

implementation = Implementation(
    "loky",
    package="loky",
    lacks=ELSEWHERE | LATER,
    start_methods=("loky", "loky_init_main"),
    context="loky.backend",
    submodules="multiprocessing",  # it has none that take their place
    program="import loky.backend\nimport multiprocessing as mp",
)
