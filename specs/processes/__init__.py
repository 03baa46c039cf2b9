"""Process, the children of a process, and contexts with their start methods."""
