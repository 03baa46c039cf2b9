"""What an interrupted session of pytest tells of the campaigns that were at work."""

from typing import Any

import pytest

from conformance.plugin.items import NEWS


class Unreported:
    """The messages of violations that have been seen, and whose items have not reported yet, by node id."""

    def __init__(self) -> None:
        self.messages: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, facts in report.user_properties:
            if name == NEWS and isinstance(facts, dict):
                self.messages.update((nodeid, str(each["message"])) for nodeid, each in facts.items())
        if report.when == "call":
            self.messages.pop(report.nodeid, None)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.messages:
            terminalreporter.section("violations seen in campaigns that were interrupted", red=True)
        for message in self.messages.values():
            terminalreporter.line(f"{message}\n")
