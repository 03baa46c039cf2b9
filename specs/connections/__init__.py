"""Pipes and connection objects, and multiprocessing.connection: listeners, clients, and what they agree on."""
