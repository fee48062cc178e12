#!/usr/bin/env python3
"""Measures what well-behaved tenants notice of others: a flood, destinations that hang, destinations that fail.

    scripts/bench/fairness.py --hooksentry PATH --tools FOLDER [--seconds 15]

Ten quiet tenants post 20 events a second each, open loop. Then three times over: alone; beside the same load as the
storm's, spread evenly over ten more tenants with good destinations; and in the storm, where one tenant posts all of
that load and a tenth of all destinations hang and a tenth answer 500. The quiet tenants' latency and throughput in the
storm are held against the even load, because the machine is as busy in both.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))

from runs import exactly_once  # noqa: E402
from support.client import Tenant  # noqa: E402
from support.conditions import eventually, pause  # noqa: E402
from support.receiver import Receiver, always  # noqa: E402

QUIET, QUIET_RATE = 10, 20
FLOOD_RATE = 10 * QUIET * QUIET_RATE
BYTES = 512


class Stream:
    """One tenant's load on its own destinations, and the receiver that counts what arrives."""

    def __init__(self, server, tools, tenant, rate, seconds, destinations=4):
        self.tenant, self.rate, self.events = tenant, rate, int(rate * seconds)
        self.tools, self.server = pathlib.Path(tools), server
        self.receiver = subprocess.Popen(
            [self.tools / "receiver", "-n", str(self.events), "-s", "60", "-k", tenant.webhook_secret],
            stdout=subprocess.PIPE, text=True)
        port = int(self.receiver.stdout.readline())
        self.paths = [tenant.ingest_path(tenant.destination(f"http://127.0.0.1:{port}/{number}", serverRateLimit=20))
                      for number in range(destinations)]

    def start(self):
        command = [self.tools / "load", "-p", str(self.server.port), "-n", str(self.events), "-c", "64",
                   "-b", str(BYTES), "-r", str(self.rate), "-H", f"X-Api-Key: {self.tenant.api_key}"]
        for path in self.paths:
            command += ["-t", path]
        self.load = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def finish(self):
        self.sent = json.loads(self.load.communicate(timeout=300)[0])
        self.received = json.loads(self.receiver.communicate(timeout=300)[0])


class Trouble:
    """A load on destinations that hang and on destinations that fail; nobody waits for its events."""

    def __init__(self, server, tools, tenant, receiver, rate, seconds, destinations):
        receiver.on("/hang", receiver.hang)
        receiver.on("/fail", always(500))
        self.stream = Stream.__new__(Stream)
        self.stream.tenant, self.stream.rate, self.stream.events = tenant, rate, int(rate * seconds)
        self.stream.tools, self.stream.server = pathlib.Path(tools), server
        self.stream.paths = [
            tenant.ingest_path(tenant.destination(receiver.url("/hang" if number % 2 else "/fail"), serverRateLimit=20))
            for number in range(destinations)]


def measure(server, tools, seconds, quiet, others, trouble=None):
    """Runs all streams at once; the quiet ones' latencies and throughput."""
    everyone = quiet + others
    for stream in everyone:
        stream.start()
    if trouble:
        trouble.stream.start()
    for stream in everyone:
        stream.finish()
    if trouble:
        trouble.stream.load.communicate(timeout=300)
    seen = [stream.received for stream in quiet]
    for one in seen:
        exactly_once("a quiet tenant", one)
    return {
        "accept p50": statistics.median(stream.sent["p50_ms"] for stream in quiet),
        "accept p99": statistics.median(stream.sent["p99_ms"] for stream in quiet),
        "receiver p50": statistics.median(one["p50_ms"] for one in seen),
        "receiver p99": statistics.median(one["p99_ms"] for one in seen),
        "per second": sum(stream.events for stream in quiet) / max(stream.sent["seconds"] for stream in quiet),
        "others per second": sum(stream.events / stream.sent["seconds"] for stream in others),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hooksentry", required=True)
    parser.add_argument("--tools", required=True)
    parser.add_argument("--seconds", type=float, default=15)
    options = parser.parse_args()
    os.environ["HOOKSENTRY_BINARY"] = options.hooksentry
    from support.scene import migrate, shared_services
    from support.server import Server

    environment = {**shared_services().default_environment(), "HOOKSENTRY_LIMITS_TENANTS_PER_ADDRESS": "1000000"}
    migrate(environment)
    server = Server(environment, name="fairness").start()
    receiver = Receiver()

    def streams(count, rate, destinations=4):
        return [Stream(server, options.tools, Tenant(server.port), rate, options.seconds, destinations)
                for _ in range(count)]
    try:
        results = {}
        measure(server, options.tools, 2, streams(QUIET, QUIET_RATE), [])  # connections and statements come into being
        pause(1)
        results["alone"] = measure(server, options.tools, options.seconds, streams(QUIET, QUIET_RATE), [])
        results["even"] = measure(
            server, options.tools, options.seconds, streams(QUIET, QUIET_RATE), streams(10, FLOOD_RATE / 10))
        # A tenth of all destinations hangs and a tenth fails: 40 of the quiet, 10 of the flood, 12 of these.
        trouble = Trouble(server, options.tools, Tenant(server.port), receiver, QUIET_RATE, options.seconds, 12)
        results["storm"] = measure(
            server, options.tools, options.seconds, streams(QUIET, QUIET_RATE), streams(1, FLOOD_RATE, 10), trouble)
        print(f"{QUIET} quiet tenants, {QUIET_RATE} events/s each; beside them {FLOOD_RATE} events/s")
        for name, unit in (("receiver p50", "ms"), ("receiver p99", "ms"), ("accept p50", "ms"), ("accept p99", "ms"),
                           ("per second", "/s"), ("others per second", "/s")):
            line = "  ".join(f"{case} {result[name]:>9,.2f} {unit}" for case, result in results.items())
            print(f"  {name:<18} {line}   storm/even {results['storm'][name] / max(results['even'][name], 0.001):.2f}")
        eventually(lambda: server.get("/health/ready")[0] == 200, 10, "the server is well afterwards")
    finally:
        receiver.close()
        server.close()


if __name__ == "__main__":
    main()
