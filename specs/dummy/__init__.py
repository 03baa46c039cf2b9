"""multiprocessing.dummy: the interface of multiprocessing, implemented with threads."""
