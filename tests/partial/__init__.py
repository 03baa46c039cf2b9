"""A package with a small part of multiprocessing's API, and an adapter that claims something else of it."""

import multiprocessing


class Context:
    """Processes and locks by one start method."""

    def __init__(self, method):
        real = multiprocessing.get_context(method)
        self.Process, self.Lock = real.Process, real.Lock


def get_context(method):
    return Context(method)
