"""Proxy objects, and what the proxies of built-in types share with those types."""
