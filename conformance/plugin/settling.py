"""From a verdict to what pytest makes of an item: it passes, fails, is skipped, or fails as expected."""

import pytest

from conformance.checking.record import UNEXPECTED, Record


class ClauseFailed(Exception):
    """A clause does not hold, or its verdict is unknown; the message is for a maintainer."""


def settle(record: Record) -> None:
    """Passes, skips or fails as the record says."""
    if record.verdict in UNEXPECTED:
        raise ClauseFailed(record.message)
    if record.verdict == "deviation":
        pytest.xfail(record.message)
    if record.verdict != "holds":
        pytest.skip(f"{record.verdict}: {record.message}")
