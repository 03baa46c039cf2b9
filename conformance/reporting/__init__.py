"""What people and other programs read: deviations, reports, the terminal."""
