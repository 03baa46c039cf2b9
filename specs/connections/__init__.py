"""Pipes and connection objects, and multiprocessing.connection: listeners, clients, and their authentication."""
