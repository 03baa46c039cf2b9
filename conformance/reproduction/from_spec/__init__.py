"""Reproducers cut from a spec: what a scenario, a law, or an object needs, without the harness."""
