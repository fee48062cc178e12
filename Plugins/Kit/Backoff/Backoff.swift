// Backoff
