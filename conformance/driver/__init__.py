"""Running scripts on a subject: the stage process, its crews of actors, and campaigns."""
