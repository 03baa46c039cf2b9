"""Broken implementations of what ``specs/proxies`` states."""
