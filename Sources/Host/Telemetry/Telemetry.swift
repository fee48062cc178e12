// Telemetry: log lines and metrics. It imports nothing of the host, and every module may use it.
