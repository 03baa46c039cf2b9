import billiard
import unittest


class QueueGetMonthTest(unittest.TestCase):
    """A timeout may be as long as a month."""

    def test_get_month(self):
        for method in billiard.get_all_start_methods():
            with self.subTest(start_method=method):
                self.check(billiard.get_context(method))

    def check(self, mp):
        q = mp.Queue()
        q.put("in time")
        got = q.get(timeout=2592000.0)
        assert got == "in time", got


if __name__ == "__main__":
    unittest.main()
