"""loky: contexts of multiprocessing whose processes, queues and primitives are loky's own."""

from conformance.implementation import Implementation

implementation = Implementation(
    "loky",
    package="loky",
    lacks=frozenset(["get_all_start_methods", "set_start_method", "cpu_count"]),  # it documents its own
    start_methods=("loky", "loky_init_main"),
    context="loky.backend",
    submodules="multiprocessing",  # it has none that take their place
    program="import loky.backend\nimport multiprocessing as mp",
)
