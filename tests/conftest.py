"""Tests find ``support`` and ``mutants`` in this directory: pytest adds it to the path for the sake of this file."""

import pytest


@pytest.fixture
def executable(tmp_path):
    """Makes a script that stands for an interpreter."""

    def make(text, name="python"):
        path = tmp_path / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    return make
