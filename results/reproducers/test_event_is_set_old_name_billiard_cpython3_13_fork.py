import billiard
import unittest


class EventIsSetOldNameTest(unittest.TestCase):
    """isSet() is another name of is_set(), which is deprecated."""

    def test_is_set_old_name(self):
        for method in billiard.get_all_start_methods():
            with self.subTest(start_method=method):
                self.check(billiard.get_context(method))

    def check(self, mp):
        announced = mp.Event()
        got = announced.isSet()
        assert got is False, got
        announced.set()
        got = announced.isSet()
        assert got is True, got


if __name__ == "__main__":
    unittest.main()
