"""What must never happen to a database, tried: at once, killed, blocked, cut off, out of space."""
