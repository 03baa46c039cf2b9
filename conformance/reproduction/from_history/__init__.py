"""Reproducers composed from a history: the calls that matter, and what no order of them explains."""
