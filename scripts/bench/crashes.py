#!/usr/bin/env python3
"""Measures what an isolated library that crashes costs its neighbours.

    scripts/bench/crashes.py --hooksentry PATH --tools FOLDER [--events 40000]

Every plugin runs in a process of its own. One tenant posts as fast as it is answered, to sixteen destinations with an
authenticator; beside it another posts at a fixed rate to a destination with a third party's transformer. In turns, that
library behaves, and dereferences null on every tenth call. The neighbour's throughput and latency in both are held
against each other, because the machine is as busy in both.
"""
import argparse
import json
import os
import pathlib
import shutil
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The client and the server of the end-to-end tests do here as well.
sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))

from runs import exactly_once  # noqa: E402
from support.attacks import build_attacks, crashes, doing  # noqa: E402

ROUNDS = 3
CONNECTIONS = 64
#: A process that lives for nine calls and rests for 250 ms takes some 30 calls a second.
GUEST_RATE = 25
#: What the guest's library does in each case.
CASES = {"behaves": "", "crashes": "tenth"}


class Guest(threading.Thread):
    """The tenant with the third party's library, from its first event to its last delivery."""

    def __init__(self, bench, note, events):
        super().__init__(name="guest")
        from support.scene import SOON
        self.bench, self.events = bench, events
        self.receiver, port = bench.receiver(events)
        # One, because the library counts the calls of each instance by itself.
        self.destination = bench.tenant.destination(
            f"http://127.0.0.1:{port}/guest", serverRateLimit=20, transformers=doing(note), retryPolicy=SOON)
        self.start()

    def run(self):
        path = self.bench.tenant.ingest_path(self.destination)
        self.bench.load(self.bench.server.port, [path], self.events, 16, GUEST_RATE, self.bench.headers)

    def finish(self):
        """What its receiver saw, once nothing of it waits."""
        self.join()
        received = json.loads(self.receiver.communicate(timeout=300)[0])
        self.bench.settled()
        return received


def attempts(bench):
    """All attempts of the tenant's events so far, and its events in each state."""
    total = bench.tenant.call("GET", "/api/v1/metrics/summary")["total"]
    return total["attempts"], total["byStatus"]


def measure(neighbour, guest, note, events, guest_events):
    """One round: the neighbour's figures, the guest's events and the crashes of its library."""
    server = neighbour.server
    before, (tries, _), (guest_tries, _) = crashes(server), attempts(neighbour), attempts(guest)
    beside = Guest(guest, note, guest_events)
    _, received, _ = neighbour.end_to_end(events, CONNECTIONS)
    exactly_once("the neighbour", received)
    exactly_once("the guest", beside.finish())
    crashed = crashes(server) - before
    if attempts(neighbour)[0] - tries != events:
        sys.exit(f"bench: {attempts(neighbour)[0] - tries} attempts for the neighbour's {events} events")
    if attempts(guest)[0] - guest_tries != guest_events + crashed:
        sys.exit(f"bench: {attempts(guest)[0] - guest_tries} attempts for the guest's {guest_events} events and "
                 f"{crashed} crashes")
    return {"per second": received["per_second"], "p50": received["p50_ms"], "p99": received["p99_ms"],
            "crashes": crashed}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hooksentry", required=True)
    parser.add_argument("--tools", required=True)
    parser.add_argument("--events", type=int, default=40_000)
    options = parser.parse_args()
    os.environ["HOOKSENTRY_BINARY"] = options.hooksentry
    from measure import row
    from runs import Bench
    from support.scene import migrate, shared_services
    from support.server import Server

    folder = tempfile.mkdtemp(prefix="hooksentry-plugins.")
    environment = {**shared_services().default_environment(), "HOOKSENTRY_PLUGIN_ISOLATION": "process",
                   "HOOKSENTRY_PLUGIN_DIRS": f"{pathlib.Path(options.hooksentry).parent}:{folder}"}
    server = None
    try:
        build_attacks(folder)
        migrate(environment)
        server = Server(environment, name="bench-crashes").start()
        neighbour, guest = Bench(options.tools, server), Bench(options.tools, server)
        # Connections, caches and prepared statements come into being; and how long a round will be.
        _, warm, _ = neighbour.end_to_end(5_000, CONNECTIONS)
        seconds = options.events / warm["per_second"]
        guest_events = max(20, int(GUEST_RATE * seconds))
        seen = {case: [] for case in CASES}
        for _ in range(ROUNDS):
            for case, note in CASES.items():
                seen[case].append(measure(neighbour, guest, note, options.events, guest_events))
    finally:
        if server:
            server.close()
        shutil.rmtree(folder)
    crashed = [one["crashes"] for one in seen["crashes"]]
    if not all(crashed):
        sys.exit("bench: the library did not crash in every round; give it more EVENTS")
    print(f"\n{options.events:,} events to the neighbours, closed loop, {CONNECTIONS} connections; beside them\n"
          f"{guest_events} events at {GUEST_RATE}/s through a third party's library; "
          f"median of {ROUNDS} rounds in turns")
    row("neighbours' events delivered once, by one attempt", "all")
    row("crashes, each cost one attempt of the guest", " + ".join(str(count) for count in crashed))
    for name, unit in (("per second", "/s"), ("p50", "ms"), ("p99", "ms")):
        median = {case: sorted(one[name] for one in seen[case])[ROUNDS // 2] for case in CASES}
        for case, value in median.items():
            ratio = "" if case == "behaves" else f"{value / median['behaves']:.2f} of the above"
            title = "delivered" if name == "per second" else f"ingest to receiver, {name}"
            row(f"{title}, library {case}", f"{value:,.1f} {unit}", ratio)


if __name__ == "__main__":
    main()
