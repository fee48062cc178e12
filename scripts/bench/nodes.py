#!/usr/bin/env python3
"""Measures one, two and three `serve` processes against the same PostgreSQL and RabbitMQ, all on this machine.

    scripts/bench/nodes.py --hooksentry PATH --tools FOLDER [--events 30000]

Each process gets a load of its own, for destinations and a receiver of its own; whose shards they are is left to the
leases, so most events are delivered by another process than the one that accepted them. Events and connections are the
same in number for each count of processes.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The client and the server of the end-to-end tests do here as well.
sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))

from runs import exactly_once  # noqa: E402

CONNECTIONS = 192
COUNTS = (1, 2, 3)
SHARDS = 16


def written(services):
    """Bytes of PostgreSQL's log so far, and of the database."""
    said = services.command(
        "psql", "-XAtc", "select pg_current_wal_lsn() - '0/0', pg_database_size(current_database())")
    return [int(value) for value in said.strip().split("|")]


def together(benches, events):
    """The same load on all at once: events a second from first to last, and the worst p99 of accepting, in ms."""
    receivers = [bench.receiver(events) for bench in benches]
    paths = [bench.paths(port) for bench, (_, port) in zip(benches, receivers)]
    began = time.time_ns()
    loads = [subprocess.Popen(bench.load_command(bench.server.port, own, events, CONNECTIONS // len(benches)),
                              stdout=subprocess.PIPE, text=True) for bench, own in zip(benches, paths)]
    sent = [json.loads(load.communicate(timeout=120)[0]) for load in loads]
    received = [json.loads(process.communicate(timeout=120)[0]) for process, _ in receivers]
    for bench in benches:
        bench.settled()
    for seen in received:
        exactly_once("a receiver", seen)
    seconds = (max(seen["last_ns"] for seen in received) - began) / 1e9
    return events * len(benches) / seconds, max(seen["p99_ms"] for seen in sent)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hooksentry", required=True)
    parser.add_argument("--tools", required=True)
    parser.add_argument("--events", type=int, default=30_000)
    options = parser.parse_args()
    os.environ["HOOKSENTRY_BINARY"] = options.hooksentry
    from measure import row
    from runs import Bench
    from support.conditions import eventually
    from support.scene import migrate, shared_services
    from support.server import Server

    services = shared_services()
    # Each load has a tenant of its own, and they all come from one address.
    environment = {**services.default_environment(), "HOOKSENTRY_LIMITS_TENANTS_PER_ADDRESS": "100"}
    migrate(environment)
    servers = []
    try:
        for count in COUNTS:
            servers.append(Server(environment, name=f"node-{count}").start())
            eventually(lambda: max(int(server.metrics()["hooksentry_shards_owned"]) for server in servers)
                       - SHARDS / count < 1, 60, "shards are spread")
            benches = [Bench(options.tools, server) for server in servers]
            together(benches, 1_000)  # connections, caches and prepared statements come into being
            before, wrote = [bench.usage() for bench in benches], written(services)
            events = options.events // count
            rate, p99 = together(benches, events)
            costs = [bench.cost(usage) for bench, usage in zip(benches, before)]
            log, size = (now - then for now, then in zip(written(services), wrote))
            thousands = events * count / 1000
            print(f"\n{count} serve, {events * count:,} events, closed loop, {CONNECTIONS} connections, 512 B")
            row("delivered, first request to last delivery", f"{rate:,.0f} /s")
            row("accept, p99, the worst process", f"{p99:.1f} ms")
            row("CPU of hooksentry, all together",
                f"{sum(cost['hooksentry'].cpu_seconds for cost in costs) / thousands:.4f} s", "per 1,000 events")
            for name in ("postgres", "rabbitmq"):
                row(f"CPU of {name}", f"{costs[0][name].cpu_seconds / thousands:.4f} s", "per 1,000 events")
            row("PostgreSQL's log", f"{log / thousands / 1000:,.0f} bytes", "an event")
            row("PostgreSQL's tables and indexes", f"{size / thousands / 1000:,.0f} bytes", "an event")
    finally:
        for server in servers:
            server.close()


if __name__ == "__main__":
    main()
