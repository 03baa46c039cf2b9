"""Broken implementations of what ``specs/memory`` states."""
