"""The executable specs: one folder for each chapter of the reference, and one file for each of its subjects."""
