"""multiprocessing.dummy: the interface of processes over threads."""
