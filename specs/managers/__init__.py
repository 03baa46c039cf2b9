"""Managers and the objects that they serve."""
