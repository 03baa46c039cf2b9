"""Clauses that every release of CPython breaks are no demands that nothing can meet: a mended implementation holds."""

import sys
from dataclasses import replace

import pytest
from support import mended
from support.hunting import SMALL
from support.runs import TESTS

from conformance import catalogue
from conformance.driver.campaign import Campaign
from conformance.subjects.subject import Subject, probe

KEPT = [(name, clause) for name, each in vars(mended).items() for clause in getattr(each, "keeps", ())]


@pytest.mark.parametrize(("name", "clause"), KEPT)
def test_mended_implementation_keeps_the_clause(name, clause):
    if not catalogue.clauses()[clause].promised_by(probe(sys.executable).version):
        pytest.skip("this version of Python does not promise it")
    interpreter = replace(probe(sys.executable), implementation=f"support.mended:{name}", path=(str(TESTS),))
    findings = Campaign(catalogue.owner(clause), Subject(interpreter, "fork"), SMALL, 0).run({clause})
    assert not findings.violated
    assert not findings.unknown
    assert findings.exercised[clause]
