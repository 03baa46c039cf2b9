"""What is checked: interpreters with an implementation, the clauses that apply, and the code that a stage is given."""
