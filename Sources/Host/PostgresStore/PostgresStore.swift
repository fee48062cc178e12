// The PostgresStore module.
