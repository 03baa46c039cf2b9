"""Broken implementations of what ``specs/pools`` states."""
