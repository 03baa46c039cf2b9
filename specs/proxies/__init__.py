"""Proxy objects, and what the proxies of built-in types have in common with these types."""
