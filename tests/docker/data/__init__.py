"""Projects with a database."""
