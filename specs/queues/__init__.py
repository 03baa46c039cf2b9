"""Queue, JoinableQueue and SimpleQueue."""
