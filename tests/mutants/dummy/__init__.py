"""Broken implementations of what ``specs/dummy`` states."""
