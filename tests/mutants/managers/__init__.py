"""Broken implementations of what ``specs/managers`` states."""
