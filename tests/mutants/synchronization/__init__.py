"""Broken implementations of what ``specs/synchronization`` states."""
