"""What the kernel knows about processes: proven hangs, stacks, exits; and the warden, which leaves nothing behind."""
