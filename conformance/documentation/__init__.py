"""The manual as Sphinx built it: its objects and sections, and the clauses of each."""
