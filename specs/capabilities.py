"""Capabilities: an implementation has every class and function that it claims to provide.

Its adapter says what it claims; a package that is checked without an adapter claims everything. Each
name has a clause of its own, so that each missing name is reported separately, except for the names
without which there is no subject and nothing to check.
"""

from conformance import Spec
from conformance.stage import stagehand
from conformance.vocabulary.capabilities import CAPABILITIES, NECESSARY, slug

capability = Spec("capability", documents="multiprocessing", claims=True, smoke="all")


def claim(name):
    """States that what the manual documents under this name is present, if it is claimed."""

    def present(mp):
        assert stagehand.implementation().has(mp, name), "multiprocessing.%s is claimed, and is not there" % name

    present.__doc__ = "An implementation provides multiprocessing.%s if it claims to." % name
    capability.scenario(slug(name), doc="multiprocessing." + name)(present)


for each in CAPABILITIES:
    if each not in NECESSARY:
        claim(each)
