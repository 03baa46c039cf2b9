"""Broken implementations of what ``specs/processes`` states."""
