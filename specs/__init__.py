"""The executable specs: one file per chapter of the reference."""
