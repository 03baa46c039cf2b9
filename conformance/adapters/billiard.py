"""billiard: Celery's fork of Python 2.7's and 3.4's multiprocessing, with a pool of its own."""

from conformance.implementation import EVERYTHING, Implementation

# What came to multiprocessing after the fork, and to billiard never.
LATER = frozenset(
    ["Process.kill", "Process.interrupt", "managers.SyncManager.set"]
    + [kind + ".locked" for kind in ("Lock", "RLock", "Semaphore", "BoundedSemaphore")]
)

implementation = Implementation(
    "billiard",
    package="billiard",
    provides=EVERYTHING - {"parent_process", "shared_memory", "managers.SharedMemoryManager"},
    lacks=LATER,
)
