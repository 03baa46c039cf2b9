import billiard
import unittest
from contextlib import contextmanager


@contextmanager
def raises(expected):
    try:
        yield
    except expected:
        return
    raise AssertionError("%s was not raised" % expected.__name__)


def nothing():
    """What a process does that is only to end."""


class ProcessKeywordsOnlyTest(unittest.TestCase):
    """The constructor takes daemon by its name only, and no argument of any other name."""

    def test_keywords_only(self):
        for method in billiard.get_all_start_methods():
            with self.subTest(start_method=method):
                self.check(billiard.get_context(method))

    def check(self, mp):
        for arguments, named in ((None, nothing, None, (), {}, True), {}), ((), {"target": nothing, "demon": True}):
            with raises(TypeError):
                mp.Process(*arguments, **named)


if __name__ == "__main__":
    unittest.main()
