"""The executable specs: a folder for each chapter of the reference, and a file for each of its subjects."""
