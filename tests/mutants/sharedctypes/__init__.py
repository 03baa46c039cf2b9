"""Broken implementations of what ``specs/sharedctypes`` states."""
