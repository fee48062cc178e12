#!/usr/bin/env python3
"""Measures what must not depend on how much is stored: start-up, lists, throughput. Before and after filling a
private PostgreSQL with events.

    scripts/bench/stored.py --hooksentry PATH --tools FOLDER [--events 10000000]

One tenant has 15 % of the events, one 1 %, one a thousand; ten thousand others share the rest, so that the measured
ones lie scattered among them. A tenth of all events wait for a retry. RUN_DIR names the instance;
scripts/bench/run stored starts it, builds the tools and calls this.
"""
import argparse
import os
import pathlib
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))

from filling import DAYS, OTHERS, Database  # noqa: E402
from lists import Reader, report  # noqa: E402
from measure import row  # noqa: E402
from runs import exactly_once  # noqa: E402
from support.client import Tenant  # noqa: E402

CONNECTIONS = 64
LOAD = 20_000
ROUNDS = 3


def start_up(server):
    """Seconds from a process that does not exist yet to one that says it is ready."""
    server.stop()
    began = time.monotonic()
    server.start(ready=False)
    while not server.is_ready():
        time.sleep(0.005)
    return time.monotonic() - began


def throughput(bench):
    """Delivered events a second, the median of some rounds, and what 1,000 events cost each process in seconds."""
    rates, costs = [], []
    bench.end_to_end(2_000, CONNECTIONS)  # connections, caches and prepared statements come into being
    for _ in range(ROUNDS):
        _, received, cost = bench.end_to_end(LOAD, CONNECTIONS)
        exactly_once("the receiver", received)
        rates.append(received["per_second"])
        costs.append({name: usage.cpu_seconds / LOAD * 1000 for name, usage in cost.items()})
    return statistics.median(rates), {name: statistics.median(cost[name] for cost in costs) for name in costs[0]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hooksentry", required=True)
    parser.add_argument("--tools", required=True)
    parser.add_argument("--events", type=int, default=10_000_000)
    options = parser.parse_args()
    os.environ["HOOKSENTRY_BINARY"] = options.hooksentry
    from runs import Bench
    from support.scene import migrate, shared_services
    from support.server import Server

    # What is stored must stay: neither retention nor a delivery may touch it.
    environment = {**shared_services().default_environment(), "HOOKSENTRY_EVENT_RETENTION_DAYS": "0"}
    migrate(environment)
    server = Server(environment, name="bench").start()
    try:
        bench = Bench(options.tools, server)
        starts, before = [start_up(server)], throughput(bench)
        tenants = {name: Tenant(server.port) for name in ("big", "middle", "small")}
        database = Database(environment["HOOKSENTRY_DATABASE_URL"])
        seconds = database.fill(options.events, {name: tenant.id for name, tenant in tenants.items()})
        size = database.run("SELECT pg_size_pretty(sum(pg_total_relation_size(inhrelid))) FROM pg_inherits "
                            "WHERE inhparent = 'events'::regclass")
        count, waiting = database.run("SELECT count(*), count(due_at) FROM events").split("|")
        print(f"{int(count):,} events in {DAYS} days, {int(waiting):,} of them waiting, {OTHERS + 4:,} tenants with "
              f"a destination or more each, {size}; filled in {seconds:.0f} s")
        starts.append(start_up(server))
        after = throughput(bench)
        print(f"\n{LOAD:,} events, closed loop, {CONNECTIONS} connections, 512 B; median of {ROUNDS} rounds")
        row("delivered, nothing stored", f"{before[0]:,.0f} /s")
        row("delivered, everything stored", f"{after[0]:,.0f} /s", f"{after[0] / before[0]:.2f}")
        for name, spent in after[1].items():
            row(f"CPU of {name}", f"{spent:.4f} s", f"per 1,000 events; {spent / before[1][name]:.2f} of before")
        row("start-up, nothing stored", f"{starts[0]:.2f} s")
        row("start-up, everything stored", f"{starts[1]:.2f} s")
        for name, tenant in tenants.items():
            destinations = database.run(
                "SELECT DISTINCT destination_id FROM (SELECT destination_id FROM events "
                f"WHERE tenant_id = '{tenant.id}' LIMIT 20000) AS found").replace("-", "").split()
            report(name, Reader(tenant), destinations)
    finally:
        server.close()


if __name__ == "__main__":
    main()
