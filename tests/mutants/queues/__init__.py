"""Broken implementations of what ``specs/queues`` states."""
