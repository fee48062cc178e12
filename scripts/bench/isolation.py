#!/usr/bin/env python3
"""Compares deliveries with every plugin in the host and every plugin in a process of its own, side by side.

    ISOLATION=1 make bench

Each side has a server and a database of its own, and takes turns with the other.
"""
import argparse
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The client and the server of the end-to-end tests do here as well.
sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))

ROUNDS = 3
CONNECTIONS = 64
MODES = ("in-process", "process")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hooksentry", required=True)
    parser.add_argument("--tools", required=True)
    parser.add_argument("--events", type=int, default=50_000)
    options = parser.parse_args()
    os.environ["HOOKSENTRY_BINARY"] = options.hooksentry
    from measure import row
    from runs import Bench, exactly_once
    from support.scene import migrate, shared_services
    from support.server import Server

    servers, benches = [], {}
    try:
        for mode in MODES:
            environment = shared_services().environment(f"bench-{mode}")
            environment["HOOKSENTRY_PLUGIN_ISOLATION"] = mode
            migrate(environment)
            servers.append(Server(environment, name=mode).start())
            benches[mode] = Bench(options.tools, servers[-1])
            benches[mode].end_to_end(2_000, CONNECTIONS)  # connections, caches and prepared statements
        rates, seconds = {mode: [] for mode in MODES}, {mode: [] for mode in MODES}
        for _ in range(ROUNDS):
            for mode in MODES:
                _, received, cost = benches[mode].end_to_end(options.events, CONNECTIONS)
                exactly_once(f"with plugins {mode} the receiver", received)
                rates[mode].append(received["per_second"])
                seconds[mode].append(cost["hooksentry"].cpu_seconds / options.events * 1000)
    finally:
        for server in servers:
            server.close()
    print(f"\n{options.events:,} events, closed loop, {CONNECTIONS} connections, median of {ROUNDS} rounds in turns")
    median = {mode: sorted(rates[mode])[ROUNDS // 2] for mode in MODES}
    for mode in MODES:
        row(f"delivered, plugins {mode}", f"{median[mode]:,.0f} /s", f"{median[mode] / median['in-process']:.2f}")
    for mode in MODES:
        row(f"CPU of hooksentry, plugins {mode}", f"{sorted(seconds[mode])[ROUNDS // 2]:.4f} s", "per 1,000 events")


if __name__ == "__main__":
    main()
