// Telemetry: log lines, metrics and trace context. It imports nothing of the host, and every module may use it.
