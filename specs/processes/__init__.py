"""Processes, child processes, and contexts with their start methods."""
