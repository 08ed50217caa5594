"""What carries an attempt at a stage job to its host: Procrastinate on PostgreSQL, a runner of our own on SQLite."""
