"""Clauses on the terminal: which subjects a known deviation is about."""

import pytest

from conformance.deviations import Deviation
from conformance.reporting.clauses import describe_subjects


@pytest.mark.parametrize(
    ("known", "shown"),
    [
        ({}, "every implementation; Python, every version; with every start method"),
        (
            {"implementations": ("one", "two"), "since_release": "4.2", "start_methods": ("fork", "spawn")},
            "one, two from 4.2 on; Python, every version; with fork, spawn",
        ),
        (
            {"interpreters": ("PyPy",), "since": "3.9", "until": "3.13.1", "platforms": ("linux",)},
            "every implementation; PyPy from 3.9 on, before 3.13.1; with every start method; on linux",
        ),
        (
            {"implementations": ("one",), "until_release": "5", "until": "3.10"},
            "one before 5; Python before 3.10; with every start method",
        ),
    ],
)
def test_describe_subjects_names_whom_a_deviation_is_about(known, shown):
    assert describe_subjects(Deviation("a-name", "queue.put.full", "seen", "reason", "gh-1", **known)) == shown
