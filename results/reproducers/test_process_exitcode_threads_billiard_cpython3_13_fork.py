import billiard
import sys
import threading
import unittest


def count_up(ctx, first, exitcodes):
    """Starts processes one after the other; each ends with a status of its own."""
    for status in range(first, first + 8):
        process = ctx.Process(target=sys.exit, args=(status,))
        process.start()
        process.join()
        exitcodes.append((status, process.exitcode))


class ProcessExitcodeThreadsTest(unittest.TestCase):
    """By forkserver, processes that several threads start and join at once have the exit codes that
    they ended with.
    """

    def test_exitcode_threads(self):
        for method in billiard.get_all_start_methods():
            with self.subTest(start_method=method):
                self.check(billiard.get_context(method))

    def check(self, mp):
        ctx, exitcodes = mp.get_context("forkserver"), []
        threads = [threading.Thread(target=count_up, args=(ctx, first, exitcodes)) for first in (1, 21, 41, 61)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        got = [(status, found) for status, found in sorted(exitcodes) if found != status]
        assert got == [], got


if __name__ == "__main__":
    unittest.main()
