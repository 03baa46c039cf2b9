"""Adapters of implementations, one a file; they run in the subject's interpreter."""
