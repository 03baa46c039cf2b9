"""multiprocess: multiprocessing with objects pickled by dill."""

from conformance.implementation import Implementation

implementation = Implementation("multiprocess", package="multiprocess")
