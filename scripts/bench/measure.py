#!/usr/bin/env python3
"""Measures a release build against private servers: throughput, latency, CPU and memory.

    scripts/bench/measure.py --hooksentry PATH --tools FOLDER [--events 50000]

Everything is set up through the public API. RUN_DIR names the instance of PostgreSQL and RabbitMQ;
scripts/bench/run starts it, builds the tools and calls this.
"""
import argparse
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The client and the server of the end-to-end tests do here as well.
sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))

from processes import Usage  # noqa: E402
from support.conditions import pause  # noqa: E402

CONNECTIONS = (64, 256)
LARGE_BYTES = 1_000_000
LARGE_EVENTS = 300


def row(name, value, ratio=""):
    print(f"  {name:<46} {value:>16}  {ratio}", flush=True)


def report_cpu(cost, events):
    total = sum(usage.cpu_seconds for usage in cost.values()) / events * 1000
    for name, usage in cost.items():
        seconds = usage.cpu_seconds / events * 1000
        row(f"CPU of {name}", f"{seconds:.4f} s", f"per 1,000 events, {seconds / total:.0%}")
    row("CPU together", f"{total:.4f} s", "per 1,000 events")


def report_memory(cost):
    for name, usage in cost.items():
        row(f"memory of {name}", f"{usage.memory_mb:,.0f} MB", "proportional set, afterwards")


def report_throughput(bench, events, connections, http):
    sent, received, cost = bench.end_to_end(events, connections)
    print(f"\n{events:,} events, closed loop, {connections} connections, 512 B, 16 destinations")
    row("accepted", f"{sent['per_second']:,.0f} /s", f"{sent['per_second'] / http:.3f} of raw HTTP on this machine")
    row("delivered, first request to last delivery", f"{received['per_second']:,.0f} /s",
        f"{received['per_second'] / sent['per_second']:.2f} of accepted")
    row("accept, p50 and p99", f"{sent['p50_ms']:.1f}, {sent['p99_ms']:.1f} ms")
    row("missing / duplicates / bad signatures",
        f"{received['missing']} / {received['duplicates']} / {received['bad_signatures']}")
    report_cpu(cost, events)
    report_memory(cost)
    return received


def report_latency(bench, rate, seconds, commit):
    sent, received, _ = bench.end_to_end(rate * seconds, 64, rate)
    print(f"\n{rate} events a second for {seconds} s, open loop, from the due time")
    for name, seen in (("accept", sent), ("ingest to receiver", received)):
        for rank in ("p50", "p99"):
            value = seen[f"{rank}_ms"]
            row(f"{name}, {rank}", f"{value:.2f} ms", f"{value / commit:.1f} commits")
    return received


def report_large(bench, disk):
    before = Usage.of(bench.server.process.pid).memory_mb
    sent, received, cost = bench.end_to_end(LARGE_EVENTS, 16, size=LARGE_BYTES)
    print(f"\n{LARGE_EVENTS} events of {LARGE_BYTES / 1e6:.0f} MB, closed loop, 16 connections")
    megabytes = sent["per_second"] * LARGE_BYTES / 1e6
    row("accepted", f"{megabytes:,.0f} MB/s", f"{megabytes / disk:.2f} of the disk, flushed a block of this size")
    row("delivered", f"{received['per_second'] * LARGE_BYTES / 1e6:,.0f} MB/s")
    row("memory of hooksentry", f"{cost['hooksentry'].memory_mb:,.0f} MB", f"{before:,.0f} MB before")
    return received


def report_accept(bench, events, http):
    bench.accept(2_000, 256)
    sent, cost = bench.accept(events, 256)
    print(f"\n{events:,} events accepted without a worker, closed loop, 256 connections, 512 B")
    row("accepted", f"{sent['per_second']:,.0f} /s", f"{sent['per_second'] / http:.3f} of raw HTTP")
    row("accept, p50 and p99", f"{sent['p50_ms']:.1f}, {sent['p99_ms']:.1f} ms")
    report_cpu(cost, events)
    rate = int(sent["per_second"] / 2)
    halves = sorted((bench.accept(rate * 4, 256, rate)[0] for _ in range(3)), key=lambda half: half["p99_ms"])
    row(f"accept at {rate:,}/s, p50 and p99", f"{halves[1]['p50_ms']:.1f}, {halves[1]['p99_ms']:.1f} ms",
        f"half of that load, the middle of three; the worst p99 {halves[2]['p99_ms']:.1f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hooksentry", required=True)
    parser.add_argument("--tools", required=True)
    parser.add_argument("--events", type=int, default=50_000)
    options = parser.parse_args()
    os.environ["HOOKSENTRY_BINARY"] = options.hooksentry
    from runs import Bench, age_log, commit_ms, disk_mb_per_second
    from support.scene import migrate, shared_services
    from support.server import Server

    services = shared_services()
    environment = services.default_environment()
    migrate(environment)
    server = Server(environment, name="bench").start()
    judged = []
    try:
        idle = Usage.of(server.process.pid).memory_mb
        bench = Bench(options.tools, server)
        age_log(environment["HOOKSENTRY_DATABASE_URL"])
        http = {count: bench.raw_http(options.events, count) for count in CONNECTIONS}
        commit = commit_ms(environment["HOOKSENTRY_DATABASE_URL"])
        disk = disk_mb_per_second(100, LARGE_BYTES)
        print("references measured now")
        for count in CONNECTIONS:
            row(f"raw HTTP, load straight into receiver, {count}", f"{http[count]:,.0f} /s")
        row("one commit of PostgreSQL on this disk", f"{commit:.2f} ms")
        row("the disk, blocks of 1 MB flushed one by one", f"{disk:,.0f} MB/s")
        row("memory of hooksentry, just started", f"{idle:,.0f} MB")
        bench.end_to_end(2_000, 64)  # connections, caches and prepared statements come into being
        pause(1)
        for count in CONNECTIONS:
            judged.append(report_throughput(bench, options.events, count, http[count]))
        judged.append(report_latency(bench, 200, 20, commit))
        judged.append(report_large(bench, disk))
    finally:
        server.close()
    # On a database and a virtual host of its own, so that what it leaves undelivered is nobody's.
    apart = services.environment("bench-accept")
    migrate(apart)
    server = Server(apart, roles="api", name="bench-accept").start()
    try:
        report_accept(Bench(options.tools, server), options.events, http[256])
    finally:
        server.close()
    if any(seen["missing"] or seen["duplicates"] or seen["bad_signatures"] or seen["strangers"] for seen in judged):
        sys.exit("bench: the receiver did not get each event exactly once, well signed")


if __name__ == "__main__":
    main()
