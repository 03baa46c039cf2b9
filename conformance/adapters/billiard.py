"""billiard: Celery's fork of Python 2.7's and 3.4's multiprocessing, with a pool of its own."""

from conformance.implementation import EVERYTHING, Implementation

implementation = Implementation(
    "billiard",
    package="billiard",
    provides=EVERYTHING - {"parent_process", "shared_memory", "managers.SharedMemoryManager"},
    lacks=frozenset(["Process.kill"]),  # which came to multiprocessing after the fork
)
