"""Capabilities: an implementation has every class and function that it claims to have.

What is claimed says its adapter; a package that is checked without one claims everything. A clause
for each name, so that what is missing is told by its own; but none for those without which there is
no subject, and nothing to check.
"""

from conformance import Spec
from conformance.stage import stagehand
from conformance.vocabulary.capabilities import CAPABILITIES, NECESSARY, slug

capability = Spec("capability", documents="multiprocessing")


def claim(name):
    """States that what the manual calls by this name is there, if it is claimed."""

    def present(mp):
        assert stagehand.implementation().has(mp, name), "multiprocessing.%s is claimed, and is not there" % name

    present.__doc__ = "An implementation that claims %s has it." % name
    capability.scenario(slug(name), doc="multiprocessing." + name)(present)


for each in CAPABILITIES:
    if each not in NECESSARY:
        claim(each)
