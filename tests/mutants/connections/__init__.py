"""Broken implementations of what ``specs/connections`` states."""
