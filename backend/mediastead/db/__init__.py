"""The database: engine, sessions, column types, schema upgrades."""
