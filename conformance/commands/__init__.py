"""The commands of ``mpconform``: a module for each, and their options."""
