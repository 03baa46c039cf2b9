"""Judging histories: pure functions over plain data, with no process in sight."""
