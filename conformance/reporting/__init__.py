"""What people and other programs read: messages, the terminal, reports, timelines, and the page of results."""
