"""Value, Array, and multiprocessing.sharedctypes."""
