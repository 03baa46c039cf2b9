"""Upstream issues: where the trackers have what an entry of the deviations refers to."""

import re

from conformance.deviations.entry import UNREPORTED

TRACKERS = {
    r"gh-(\d+)": r"https://github.com/python/cpython/issues/\1",
    r"bpo-(\d+)": r"https://bugs.python.org/issue\1",
    r"([\w.-]+/[\w.-]+)#(\d+)": r"https://github.com/\1/issues/\2",
}


def address(issue: str) -> str:
    """The address of an issue such as ``gh-95826``; empty if it is of no tracker that is known here."""
    found = (re.fullmatch(form, issue) for form in TRACKERS)
    return next((match.expand(TRACKERS[match.re.pattern]) for match in found if match), "")


def is_reported(issue: str) -> bool:
    """Whether there is an upstream issue."""
    return issue != UNREPORTED
