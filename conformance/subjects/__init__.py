"""What is checked: interpreters with an implementation, what applies to them, and the code that they are given."""
