"""Broken implementations as users would write them: sources of modules that replace a part of multiprocessing."""

OVERLAY = '''
"""multiprocessing with a part that is broken."""

import multiprocessing
{imports}

get_all_start_methods = multiprocessing.get_all_start_methods


{broken}


class Context:
    def __init__(self, real):
        self._real = real

    def __getattr__(self, name):
        if name == "_real":
            raise AttributeError(name)
        return getattr(self._real, name)

    def {replaced}(self):
        return Broken(ctx=self._real)


def get_context(method=None):
    return Context(multiprocessing.get_context(method))
'''
LYING_QUEUE = '''
class Broken(SimpleQueue):
    """It cannot say whether it is empty, and does not close."""

    def empty(self):
        return None

    def close(self):
        raise RuntimeError("not today")
'''
ANSWERING_EVENT = '''
class Broken(Event):
    """Its set() and clear() return something."""

    def set(self):
        super().set()
        return 1

    def clear(self):
        super().clear()
        return 1
'''


def overlay(replaced: str, imports: str, broken: str) -> str:
    """The source of multiprocessing with a class ``Broken`` instead of the one that is named ``replaced``."""
    return OVERLAY.format(replaced=replaced, imports=imports, broken=broken.strip())


LIAR = overlay("SimpleQueue", "from multiprocessing.queues import SimpleQueue", LYING_QUEUE)
BROKEN_EVENT = overlay("Event", "from multiprocessing.synchronize import Event", ANSWERING_EVENT)
