"""The logger of multiprocessing: created on request, and shown on standard error on request.

There is one in each process, so most of what is said about it is checked in programs of their own.
"""

import logging

from conformance import Spec, arg, child, program

GET_LOGGER, LOG_TO_STDERR = "multiprocessing.get_logger", "multiprocessing.log_to_stderr"

logger = Spec("logger", documents="library/multiprocessing#logging")


@logger.scenario("get_logger.same", doc=GET_LOGGER)
def one_logger(mp):
    """get_logger() always returns the same logging.Logger object, whether called on the module or on a context."""
    found = mp.get_logger()
    assert isinstance(found, logging.Logger)
    assert mp.get_logger() is found
    source = "print(mp.get_logger() is mp.get_logger() is mp.get_context('spawn').get_logger())"
    assert program(source).output == "True\n"


@logger.scenario("get_logger.new", doc=GET_LOGGER)
def a_new_logger(mp):
    """get_logger() creates a logger that has the level NOTSET and no handlers."""
    source = "import logging\nlogger = mp.get_logger()\nprint(logger.level == logging.NOTSET, logger.handlers)"
    assert program(source).output == "True []\n"


@logger.scenario("get_logger.not-propagated", doc=GET_LOGGER)
def root_is_not_told(mp):
    """The logger returned by get_logger() does not pass messages to the handlers of the root logger until its attribute
    propagate is set to True.
    """
    source = """
import logging, sys
logging.basicConfig(stream=sys.stdout, format="root has %(message)s")
mp.get_logger().addHandler(logging.StreamHandler(sys.stdout))
mp.get_logger().warning("the message")
mp.get_logger().propagate = True
mp.get_logger().warning("another")
"""
    assert program(source).output == "the message\nanother\nroot has another\n"


def tell_level(get_logger, conn):
    conn.send(get_logger().level)


@logger.scenario("get_logger.level-inherited", doc=GET_LOGGER, level=arg.one_of(5, 17))
def the_level_is_inherited(mp, level):
    """The logger that get_logger() returns in a child process has the level of its parent's logger, with every start
    method.
    """
    mine, before = mp.get_logger(), mp.get_logger().level
    try:
        mine.setLevel(level)
        for start in {mp, mp.get_context("spawn")}:
            receiver, sender = mp.Pipe(False)
            with receiver, child(start, tell_level, mp.get_logger, sender):
                sender.close()
                assert receiver.recv() == level
    finally:
        mine.setLevel(before)


@logger.scenario("get_logger.forked", doc="library/multiprocessing#contexts-and-start-methods")
def handlers_are_forked(mp):
    """With the fork start method, the logger of a child process has the handlers of its parent's logger."""
    source = """
import logging, sys

def warn():
    mp.get_logger().warning("forked")

if __name__ == "__main__":
    mp.get_logger().addHandler(logging.StreamHandler(sys.stdout))
    process = mp.get_context("fork").Process(target=warn)
    process.start()
    process.join()
"""
    assert program(source).output == "forked\n"


@logger.scenario("log_to_stderr.format", doc=LOG_TO_STDERR)
def format_of_stderr(mp):
    """log_to_stderr() makes the logger write each message to sys.stderr, after its level and process name in brackets,
    as in [ERROR/MainProcess].
    """
    source = """
import io, sys
sys.stderr = io.StringIO()
logger = mp.log_to_stderr()
logger.warning("%s is shown", "this")
mp.current_process().name = "Another"
logger.error("and that")
print(sys.stderr.getvalue(), end="")
"""
    ended = program(source)
    assert ended.output == "[WARNING/MainProcess] this is shown\n[ERROR/Another] and that\n"
    assert "shown" not in ended.errors


@logger.scenario("log_to_stderr.returns", doc=LOG_TO_STDERR)
def the_logger_is_returned(mp):
    """log_to_stderr() adds one handler to the logger that get_logger() returns, keeps its other handlers, and returns
    the logger.
    """
    source = """
import logging
handler = logging.NullHandler()
mp.get_logger().addHandler(handler)
print(mp.log_to_stderr() is mp.get_logger(), len(mp.get_logger().handlers), handler in mp.get_logger().handlers)
"""
    assert program(source).output == "True 2 True\n"


@logger.scenario("log_to_stderr.level", doc=LOG_TO_STDERR, level=arg.one_of("logging.INFO", "'INFO'"))
def level_of_stderr(mp, level):
    """log_to_stderr(level) sets the level of the logger unless level is None, and messages below the level are not
    written.
    """
    source = """
import logging, sys
logger = mp.log_to_stderr(level=%s)
logger.info("seen")
logger.debug("unseen")
print(logger.level == logging.INFO == mp.log_to_stderr(None).level)
"""
    ended = program(source % level)
    assert ended.output == "True\n"
    assert "[INFO/MainProcess] seen\n" in ended.errors
    assert "unseen" not in ended.errors


@logger.scenario("log_to_stderr.session")
def a_session(mp):
    """A child process writes messages at or above the logger's level, including those of multiprocessing, to standard
    error under its own name after log_to_stderr().
    """
    source = """
import logging

def work():
    mp.get_logger().info("working")

if __name__ == "__main__":
    logger = mp.log_to_stderr()
    logger.setLevel(logging.INFO)
    process = mp.Process(target=work, name="Worker")
    process.start()
    process.join()
"""
    shown = [line for line in program(source).errors.splitlines() if line.startswith("[INFO/Worker] ")]
    assert "[INFO/Worker] working" in shown
    assert len(shown) > 1  # multiprocessing itself logs something as well
