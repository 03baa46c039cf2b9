"""Broken loggers."""

import logging
import multiprocessing

from mutants import Mutant
from mutants.guidelines import Forked


class new_loggers(Mutant):
    """Makes a logger for each who asks."""

    breaks = ("logger.get_logger.same",)

    def get_logger(ctx=None):
        return logging.Logger("multiprocessing")


class logger_has_a_level(Mutant):
    """Gives a new logger a level that seems useful."""

    breaks = ("logger.get_logger.new",)

    def get_logger(ctx=None):
        logger = multiprocessing.get_logger()
        logger.setLevel(logger.level or logging.WARNING)
        return logger


class logger_has_a_handler(Mutant):
    """Keeps the logging package from complaining about a logger without handlers."""

    breaks = ("logger.get_logger.new", "logger.log_to_stderr.returns")

    def get_logger(ctx=None):
        logger = multiprocessing.get_logger()
        logger.handlers or logger.addHandler(logging.NullHandler())
        return logger

    @staticmethod
    def log_to_stderr(level=None):
        multiprocessing.get_logger().handlers.clear()
        return multiprocessing.log_to_stderr(level)


class root_is_told(Mutant):
    """Leaves a logger as the logging package makes it."""

    breaks = ("logger.get_logger.not-propagated",)

    def get_logger(ctx=None):
        logger = multiprocessing.get_logger()
        logger.propagate = True
        return logger


class children_begin_anew(Mutant):
    """Resets the logger in a child."""

    breaks = ("logger.get_logger.level-inherited", "logger.get_logger.forked", "logger.log_to_stderr.session")

    class Process(Forked):
        def run(self):
            logger = multiprocessing.get_logger()
            logger.setLevel(logging.NOTSET)
            logger.handlers.clear()
            super().run()


class default_format(Mutant):
    """Leaves the format to the logging package."""

    breaks = ("logger.log_to_stderr.format",)

    @staticmethod
    def log_to_stderr(level=None):
        logger = multiprocessing.log_to_stderr(level)
        logger.handlers[-1].setFormatter(None)
        return logger


class nothing_returned(Mutant):
    """Adds the handler, and that is that."""

    breaks = ("logger.log_to_stderr.returns",)

    @staticmethod
    def log_to_stderr(level=None):
        multiprocessing.log_to_stderr(level)


class level_for_the_handler(Mutant):
    """Sets the level of the handler, and not that of the logger."""

    breaks = ("logger.log_to_stderr.level",)

    @staticmethod
    def log_to_stderr(level=None):
        logger = multiprocessing.log_to_stderr()
        logger.handlers[-1].setLevel(level or logging.NOTSET)
        return logger
