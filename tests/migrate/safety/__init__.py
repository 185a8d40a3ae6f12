"""What must never happen to a database, tried: at once, killed, blocked, cut off, out of space."""

# Advisory locks of this database: a server has those of every other test too.
LOCKS = (
    "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
    " WHERE locktype = 'advisory' AND datname = current_database()"
)
