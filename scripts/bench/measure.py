#!/usr/bin/env python3
"""Measures a release build against private servers: throughput, latency, CPU and memory.

    scripts/bench/measure.py --hooksentry PATH --tools FOLDER [--events 50000]

Everything is set up through the public API. RUN_DIR names the instance of PostgreSQL and RabbitMQ;
scripts/bench/run starts it, builds the tools and calls this.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The client and the server of the end-to-end tests do here as well.
sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))

from processes import Usage, processes  # noqa: E402
from support.client import Tenant  # noqa: E402
from support.conditions import eventually, pause  # noqa: E402

DESTINATIONS = 16
CONNECTIONS = 64
BYTES = 512
MAPPING = {"seq": "seq", "at": "at", "type": "type", "pad": "pad"}


class Bench:
    def __init__(self, tools, server, tenant):
        self.tools, self.server, self.tenant = pathlib.Path(tools), server, tenant

    def receiver(self, events):
        """A receiver that waits for so many events, and its port."""
        process = subprocess.Popen([self.tools / "receiver", "-n", str(events), "-s", "60",
                                    "-k", self.tenant.webhook_secret], stdout=subprocess.PIPE, text=True)
        return process, int(process.stdout.readline())

    def paths(self, port):
        """Ingest paths of fresh destinations with an authenticator; one is a sender's with a mapping."""
        targets = [self.tenant.destination(f"http://127.0.0.1:{port}/{number}", serverRateLimit=50,
                                           authType="BearerToken", credentials={"token": f"bench-{number}"})
                   for number in range(DESTINATIONS)]
        targets[0] = self.tenant.sender(targets[0], MAPPING)
        return [self.tenant.ingest_path(target) for target in targets]

    def load(self, port, paths, events, rate=None, headers=()):
        command = [self.tools / "load", "-p", str(port), "-n", str(events), "-c", str(CONNECTIONS), "-b", str(BYTES)]
        for path in paths:
            command += ["-t", path]
        for header in headers:
            command += ["-H", header]
        if rate:
            command += ["-r", str(rate)]
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)

    def settled(self):
        """Nothing of the tenant waits any more: what the workers still had to write is written."""
        eventually(lambda: self.tenant.unfinished() == 0, 60,
                   lambda: f"all settled; {self.tenant.unfinished()} events wait")

    def end_to_end(self, events, rate=None):
        """One load through accept, queue and delivery: what load and receiver saw, and what it cost."""
        receiver, port = self.receiver(events)
        paths = self.paths(port)
        watched = processes(self.server.process.pid)
        before = {name: Usage.of(pids) for name, pids in watched.items()}
        began = time.time_ns()
        sent = self.load(self.server.port, paths, events, rate, [f"X-Api-Key: {self.tenant.api_key}"])
        received = json.loads(receiver.communicate(timeout=600)[0])
        self.settled()
        cost = {name: Usage.of(pids) - before[name] for name, pids in watched.items()}
        delivered = received["unique"] / ((received["last_ns"] - began) / 1e9)
        return sent, received, delivered, cost

    def raw_http(self, events):
        """The same load straight into the receiver: what loopback and the tools alone can do."""
        receiver, port = self.receiver(events + 1)
        sent = self.load(port, ["/raw"], events)
        receiver.terminate()
        receiver.wait()
        return sent["events"] / sent["seconds"]


def commit_ms(database_url):
    """The mean time of one small committed INSERT by one client, in milliseconds: what the disk allows."""
    script = "insert into bench_commit values (1);"
    for statement in ("drop table if exists bench_commit", "create table bench_commit (n int)"):
        subprocess.run(["psql", "-qX", "-d", database_url, "-c", statement], check=True, stderr=subprocess.DEVNULL)
    pgbench = next(path for path in ("/usr/lib/postgresql/15/bin/pgbench", "/usr/bin/pgbench") if os.path.exists(path))
    said = subprocess.run([pgbench, "-n", "-c", "1", "-T", "3", "-f", "/dev/stdin", database_url], input=script,
                          check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return float(re.search(r"latency average = ([\d.]+) ms", said).group(1))


def row(name, value, ratio=""):
    print(f"  {name:<46} {value:>16}  {ratio}", flush=True)


def report_throughput(bench, events, http):
    sent, received, delivered, cost = bench.end_to_end(events)
    print(f"\n{events:,} events, closed loop, {CONNECTIONS} connections, {BYTES} B, {DESTINATIONS} destinations")
    row("accepted", f"{sent['per_second']:,.0f} /s", f"{sent['per_second'] / http:.3f} of raw HTTP on this machine")
    row("delivered, first request to last delivery", f"{delivered:,.0f} /s",
        f"{delivered / sent['per_second']:.2f} of accepted")
    row("missing / duplicates / bad signatures",
        f"{received['missing']} / {received['duplicates']} / {received['bad_signatures']}")
    total = sum(usage.cpu_seconds for usage in cost.values()) / events * 1000
    for name, usage in cost.items():
        seconds = usage.cpu_seconds / events * 1000
        row(f"CPU of {name}", f"{seconds:.4f} s", f"per 1,000 events, {seconds / total:.0%}")
    row("CPU together", f"{total:.4f} s", "per 1,000 events")
    for name, usage in cost.items():
        row(f"memory of {name}", f"{usage.memory_mb:,.0f} MB", "proportional set, afterwards")
    return received


def report_latency(bench, rate, seconds, commit):
    sent, received, _, _ = bench.end_to_end(rate * seconds, rate)
    print(f"\n{rate} events a second for {seconds} s, open loop, from the due time")
    for name, seen in (("accept", sent), ("ingest to receiver", received)):
        for rank in ("p50", "p99"):
            value = seen[f"{rank}_ms"]
            row(f"{name}, {rank}", f"{value:.2f} ms", f"{value / commit:.1f} commits")
    return received


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hooksentry", required=True)
    parser.add_argument("--tools", required=True)
    parser.add_argument("--events", type=int, default=50_000)
    options = parser.parse_args()
    os.environ["HOOKSENTRY_BINARY"] = options.hooksentry
    from support.scene import migrate, shared_services
    from support.server import Server

    environment = shared_services().default_environment()
    migrate(environment)
    server = Server(environment, name="bench").start()
    try:
        bench = Bench(options.tools, server, Tenant(server.port))
        http = bench.raw_http(options.events)
        commit = commit_ms(environment["HOOKSENTRY_DATABASE_URL"])
        print("references measured now")
        row("raw HTTP, load straight into receiver", f"{http:,.0f} /s")
        row("one commit of PostgreSQL on this disk", f"{commit:.2f} ms")
        bench.end_to_end(2_000)  # connections, caches and prepared statements come into being
        pause(1)
        judged = [report_throughput(bench, options.events, http), report_latency(bench, 200, 20, commit)]
    finally:
        server.close()
    if any(seen["missing"] or seen["duplicates"] or seen["bad_signatures"] or seen["strangers"] for seen in judged):
        sys.exit("bench: the receiver did not get each event exactly once, well signed")


if __name__ == "__main__":
    main()
