#!/usr/bin/env python3
"""Measures what a long backlog costs: memory, and the latency of a tenant that has nothing to do with it.

    scripts/bench/backlog.py --hooksentry PATH --tools FOLDER [--events 1000000]

A quiet tenant posts 200 events a second, open loop: alone; beside 100,000 events that wait for one destination, which
hangs; beside the drain of 100,000 to one destination that has recovered; and beside the drain of a million events that
wait for 10,000 destinations, of which 900 refuse connections and 100 hang. The backlogs are made by SQL, as events
whose first attempt has failed and that are due. RUN_DIR names the instance; scripts/bench/run backlog starts it, builds
the tools and calls this.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))

from fairness import Stream  # noqa: E402
from filling import Database, event_id  # noqa: E402
from measure import row  # noqa: E402
from processes import Usage  # noqa: E402
from runs import exactly_once  # noqa: E402
from support.client import Tenant  # noqa: E402
from support.conditions import eventually, pause  # noqa: E402
from support.receiver import Receiver  # noqa: E402

RATE, SECONDS = 200, 15
DESTINATIONS, REFUSING, HANGING = 10_000, 900, 100
STUCK = 100_000

#: `good` destinations first; all are the tenant's.
OWNED = """
INSERT INTO destinations (id, tenant_id, url, status, shard, concurrency, token_hash, created_at, updated_at)
SELECT md5('{tag} ' || n)::uuid, '{tenant}',
    CASE WHEN n < {good} THEN '{good_url}' || n WHEN n < {good} + {refusing} THEN 'http://127.0.0.1:9/' || n
        ELSE '{hanging_url}' END,
    0, n % 16, 20, decode(md5('1{tag}' || n) || md5('2{tag}' || n), 'hex'), now(), now()
FROM generate_series(0, {count} - 1) AS n
"""

#: Events for the destinations above in turns. Those for good ones carry the numbers that the receiver counts.
WAITING = """
INSERT INTO events (id, tenant_id, destination_id, shard, accepted_at, content_type, traceparent, payload, status,
    due_at, attempts_finished, attempts_this_round)
SELECT {event_id}, '{tenant}',
    md5('{tag} ' || n % {count})::uuid, n % {count} % 16, now(), 'application/json', '',
    convert_to('{{"seq":' || CASE WHEN n % {count} < {good} THEN n / {count} * {good} + n % {count} ELSE -1 END
        || ',"at":0,"pad":"' || repeat('x', 440) || '"}}', 'UTF8'), 4, now(), 1, 1
FROM generate_series(0, {events} - 1) AS n
"""


class Backlog:
    """A tenant with destinations and events that wait for them."""

    def __init__(self, server, database, tools, events, good, refusing, hanging, hanging_url):
        self.tenant = Tenant(server.port, maxTrys=10)
        self.good_events = events // (good + refusing + hanging) * good
        self.receiver = subprocess.Popen(
            [tools / "receiver", "-n", str(max(self.good_events, 1)), "-s", "120", "-k", self.tenant.webhook_secret],
            stdout=subprocess.PIPE, text=True)
        port = int(self.receiver.stdout.readline())
        shape = {"event_id": event_id("clock_timestamp()"), "tag": self.tenant.id, "tenant": self.tenant.id,
                 "good": good, "refusing": refusing, "count": good + refusing + hanging, "events": events,
                 "good_url": f"http://127.0.0.1:{port}/", "hanging_url": hanging_url}
        database.run("SET synchronous_commit = off", OWNED.format(**shape))
        database.run("SET synchronous_commit = off", WAITING.format(**shape))

        self.filled = time.monotonic()
        self.drain = threading.Thread(target=self._drain)
        self.drain.start()

    def _drain(self):
        self.counted = json.loads(self.receiver.communicate()[0] or "{}")
        self.seconds = time.monotonic() - self.filled

    def beside(self, server, tools, tenant):
        """The quiet tenant's streams, one after the other, while this drains."""
        streams = [quiet(server, tools, tenant)]
        while self.drain.is_alive():
            streams.append(quiet(server, tools, tenant))
        # The last one saw the end of the drain, and silence.
        return sorted(streams[:-1] or streams, key=lambda stream: stream.received["p99_ms"])

    def drained(self):
        """What the receiver counted, and the rate since the events were there."""
        self.drain.join(900)
        return {**self.counted, "per_second": self.counted["unique"] / self.seconds}

    def stop(self):
        self.receiver.kill()
        self.drain.join()


class MemoryWatch:
    """The most memory that the process had while this was open, in MB."""

    def __init__(self, pid):
        self.pid, self.most = pid, 0.0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._watch)

    def _watch(self):
        while not self.ended.wait(0.25):
            self.most = max(self.most, Usage.of(self.pid).memory_mb)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def quiet(server, tools, tenant):
    """One measurement of the quiet tenant's stream; a destination that is its own, so nothing is left over."""
    stream = Stream(server, tools, tenant, RATE, SECONDS)
    stream.start()
    stream.finish()
    exactly_once("the quiet tenant", stream.received)
    return stream


def report(name, stream, alone=None):
    for what, seen, base in (("accept", stream.sent, alone and alone.sent),
                             ("ingest to receiver", stream.received, alone and alone.received)):
        ratio = "" if base is None else f"{seen['p50_ms'] / base['p50_ms']:.2f}, " \
            f"{seen['p99_ms'] / base['p99_ms']:.2f} of alone"
        row(f"{name}: {what}, p50 and p99", f"{seen['p50_ms']:.2f}, {seen['p99_ms']:.2f} ms", ratio)


def report_drain(name, backlog, beside, alone):
    """beside: the quiet tenant's streams, best first."""
    report(f"{name}, the middle stream", beside[len(beside) // 2], alone)
    report(f"{name}, the worst of {len(beside)}", beside[-1], alone)
    counted = backlog.drained()
    row(f"{name}: rate", f"{counted['per_second']:,.0f} /s", "the quiet tenant's beside them")
    row("missing / duplicates / bad signatures",
        f"{counted['missing']} / {counted['duplicates']} / {counted['bad_signatures']}")
    if counted["missing"] or counted["bad_signatures"]:
        sys.exit("bench: not all of the backlog reached its destinations")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hooksentry", required=True)
    parser.add_argument("--tools", required=True)
    parser.add_argument("--events", type=int, default=1_000_000)
    options = parser.parse_args()
    os.environ["HOOKSENTRY_BINARY"] = options.hooksentry
    from support.scene import migrate, shared_services
    from support.server import Server

    tools = pathlib.Path(options.tools)
    environment = {**shared_services().default_environment(), "HOOKSENTRY_LIMITS_TENANTS_PER_ADDRESS": "1000000"}
    migrate(environment)
    database = Database(environment["HOOKSENTRY_DATABASE_URL"])
    server = Server(environment, name="backlog").start()
    receiver = Receiver()
    receiver.on("/hang", receiver.hang)
    backlogs = []
    try:
        print(f"{RATE} events a second of a quiet tenant for {SECONDS} s, open loop")
        tenant = Tenant(server.port)
        quiet(server, tools, tenant)  # connections, caches and prepared statements come into being
        pause(1)
        alone = quiet(server, tools, tenant)
        report("alone", alone)
        backlogs.append(Backlog(server, database, tools, STUCK, 0, 0, 1, receiver.url("/hang")))
        report(f"{STUCK:,} wait for a hanging one", quiet(server, tools, tenant), alone)
        backlogs.append(Backlog(server, database, tools, STUCK, 1, 0, 0, receiver.url("/hang")))
        beside = backlogs[-1].beside(server, tools, tenant)
        report_drain(f"{STUCK:,} drain to a recovered one", backlogs[-1], beside, alone)
        with MemoryWatch(server.process.pid) as watch:
            backlogs.append(Backlog(server, database, tools, options.events, DESTINATIONS - REFUSING - HANGING,
                                    REFUSING, HANGING, receiver.url("/hang")))
            beside = backlogs[-1].beside(server, tools, tenant)
        report_drain(f"{options.events:,} drain", backlogs[-1], beside, alone)
        row("memory of hooksentry, at most", f"{watch.most:,.0f} MB", "proportional set")
        eventually(lambda: server.get("/health/ready")[0] == 200, 10, "the server is well afterwards")
    finally:
        for backlog in backlogs:
            backlog.stop()
        receiver.close()
        server.close()


if __name__ == "__main__":
    main()
