"""torch.multiprocessing: multiprocessing with tensors that move through shared memory."""

from conformance.implementation import Implementation

implementation = Implementation(
    "torch.multiprocessing",
    package="torch.multiprocessing",
    submodules="multiprocessing",  # it documents none that take their place
)
