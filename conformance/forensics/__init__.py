"""What the kernel knows of processes: hangs proven, stacks, ends; and the warden, which leaves nothing behind."""
