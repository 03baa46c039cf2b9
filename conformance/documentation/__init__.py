"""The manual as Sphinx built it: its objects and sections, and which clauses they have."""
