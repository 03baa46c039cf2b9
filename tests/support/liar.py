"""A broken implementation as a user would write it: the source of a module."""

LIAR = '''
"""multiprocessing with a simple queue that cannot say whether it is empty, and does not close."""

import multiprocessing
from multiprocessing.queues import SimpleQueue

get_all_start_methods = multiprocessing.get_all_start_methods


class Lying(SimpleQueue):
    def empty(self):
        return None

    def close(self):
        raise RuntimeError("not today")


class Context:
    def __init__(self, real):
        self._real = real

    def __getattr__(self, name):
        if name == "_real":
            raise AttributeError(name)
        return getattr(self._real, name)

    def SimpleQueue(self):
        return Lying(ctx=self._real)


def get_context(method=None):
    return Context(multiprocessing.get_context(method))
'''
