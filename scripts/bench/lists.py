#!/usr/bin/env python3
"""Measures lists of events over HTTP against a private PostgreSQL that holds many of them.

    scripts/bench/lists.py --hooksentry PATH [--events 10000000]

One tenant has 15 % of the events, one 1 %, one a thousand; a thousand others share the rest, so that the measured ones
lie scattered among them. RUN_DIR names the instance; scripts/bench/run lists starts it and calls this.
"""
import argparse
import datetime
import http.client
import json
import os
import pathlib
import random
import subprocess
import sys
import time
import urllib.parse
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))

from measure import row  # noqa: E402
from support.client import Tenant  # noqa: E402

DAYS = 30
OTHERS = 1_000
REQUESTS = 300
WARM_UP = 20

#: Makes the events of one day. Ids carry the time as the program's do; 94 % were delivered, some wait, some failed.
FILL = """
INSERT INTO events (id, tenant_id, destination_id, shard, accepted_at, content_type, traceparent, payload,
    status, due_at, delivered_at, attempts_finished)
SELECT (left(ms, 8) || '-' || right(ms, 4) || '-7' || right(gen_random_uuid()::text, 21))::uuid,
    tenant, md5(tenant::text || floor(random() * destinations))::uuid, (random() * 15)::int, at,
    'application/json', '', convert_to(repeat('x', 200), 'UTF8'), status,
    CASE WHEN status IN (0, 4) THEN at + interval '40 days' END, CASE WHEN status = 2 THEN at END, 1
FROM (
    SELECT lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') AS ms, at,
        CASE WHEN who < 0.15 THEN '{big}' WHEN who < 0.16 THEN '{middle}' WHEN who < 0.16 + {small_share} THEN '{small}'
            ELSE md5('other ' || floor(random() * {others}))::uuid END AS tenant,
        CASE WHEN who < 0.15 THEN 100 ELSE 10 END AS destinations,
        CASE WHEN fate < 0.94 THEN 2 WHEN fate < 0.97 THEN 5 WHEN fate < 0.98 THEN 7 WHEN fate < 0.99 THEN 6
            WHEN fate < 0.9999 THEN 4 ELSE 0 END AS status
    FROM (SELECT timestamptz '{day}' + n * interval '86400 s' / {count} AS at, random() AS who, random() AS fate
        FROM generate_series(0, {count} - 1) AS n) AS made) AS chosen
"""


class Database:
    def __init__(self, url):
        self.url = url

    def run(self, *statements):
        command = ["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-d", self.url]
        for statement in statements:
            command += ["-c", statement]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def make_partition(self, day):
        """A day's partition, as the program would have made it at the time; today's is there."""
        name = day.strftime("%Y%m%dt000000")
        if self.run(f"SELECT to_regclass('events_{name}')"):
            return
        low, high = (f"{int(at.timestamp() * 1000):012x}" for at in (day, day + datetime.timedelta(days=1)))
        low, high = (f"{text[:8]}-{text[8:]}-0000-0000-000000000000" for text in (low, high))
        for table in ("events", "attempts"):
            self.run(f"CREATE TABLE {table}_{name} PARTITION OF {table} FOR VALUES FROM ('{low}') TO ('{high}')")

    def fill(self, events, tenants):
        """Fills the days before today; the seconds it took."""
        began = time.monotonic()
        today = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
        for number in range(DAYS, 0, -1):
            day = today - datetime.timedelta(days=number)
            self.make_partition(day)
            self.run("SET synchronous_commit = off", FILL.format(
                day=day.isoformat(), count=events // DAYS, others=OTHERS, small_share=1_000 / events, **tenants))
        # As autovacuum would have done over the month.
        self.run("VACUUM (ANALYZE) events")
        return time.monotonic() - began


class Reader:
    """A tenant's client on one kept connection."""

    def __init__(self, tenant):
        self.tenant = tenant
        self.connection = http.client.HTTPConnection("127.0.0.1", tenant.port, timeout=60)

    def get(self, path, **query):
        target = path + ("?" + urllib.parse.urlencode(query) if query else "")
        began = time.perf_counter()
        self.connection.request("GET", target, headers={"Authorization": f"Bearer {self.tenant.access_token}"})
        answer = self.connection.getresponse()
        body = answer.read()
        seconds = time.perf_counter() - began
        if answer.status != 200:
            raise SystemExit(f"bench: {target} answered {answer.status}: {body!r}")
        return seconds * 1000, json.loads(body), answer.headers

    def list(self, **query):
        return self.get("/api/v1/events", **{"Qt": 50, **query})


class Lists:
    """The lists that are measured; each makes one request."""

    def __init__(self, reader, destinations):
        self.reader = reader
        self.destinations = destinations
        self.cursor = None
        # A place in the middle of the list.
        middle = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=15)
        _, page, _ = reader.list(To=middle.strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.event = page["items"][0]["id"]

    def destination(self):
        return str(uuid.UUID(hex=self.destinations[random.randrange(len(self.destinations))]))

    def day(self, count=1):
        start = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=random.randrange(count, DAYS))
        start = start.replace(hour=0, minute=0, second=0)
        return {"From": start.strftime("%Y-%m-%d"), "To": (start + datetime.timedelta(days=count)).strftime("%Y-%m-%d")}

    def follow(self):
        spent, page, _ = self.reader.list(**({"After": self.cursor} if self.cursor else {}))
        self.cursor = page["nextCursor"]
        return spent, page, None

    def cases(self):
        listed = self.reader.list
        return {
            "newest first": listed,
            "oldest first": lambda: listed(TpOrd="Asc"),
            "Status=Succeeded": lambda: listed(Status="Succeeded"),
            "Status=CriticalFailure": lambda: listed(Status="CriticalFailure"),
            "Status=WaitingRetry": lambda: listed(Status="WaitingRetry"),
            "Status=Pending (one in ten thousand)": lambda: listed(Status="Pending"),
            "Status=Processing (none)": lambda: listed(Status="Processing"),
            "one destination": lambda: listed(DestinationUrlId=self.destination()),
            "one destination, Succeeded": lambda: listed(DestinationUrlId=self.destination(), Status="Succeeded"),
            "one day": lambda: listed(**self.day()),
            "one day, CriticalFailure": lambda: listed(**self.day(), Status="CriticalFailure"),
            "next page by cursor": self.follow,
            "Pg=100, Qt=100": lambda: listed(Pg=100, Qt=100),
            "one event": lambda: self.reader.get(f"/api/v1/events/{self.event}"),
        }


def measure(case):
    for _ in range(WARM_UP):
        case()
    times = sorted(case()[0] for _ in range(REQUESTS))
    return times[len(times) // 2], times[int(len(times) * 0.99)]


def report(name, reader, destinations):
    _, page, headers = reader.list()
    kind = "estimated" if headers.get("X-Total-Estimated") else "exact"
    print(f"\ntenant {name}: total {page['total']:,} ({kind}); {REQUESTS} requests each, one after the other")
    for case, call in Lists(reader, destinations).cases().items():
        middle, tail = measure(call)
        row(case, f"{middle:.1f} / {tail:.1f} ms", "p50 / p99")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hooksentry", required=True)
    parser.add_argument("--events", type=int, default=10_000_000)
    options = parser.parse_args()
    os.environ["HOOKSENTRY_BINARY"] = options.hooksentry
    from support.scene import migrate, shared_services
    from support.server import Server

    # What is stored must stay: neither retention nor a delivery may touch it.
    environment = {**shared_services().default_environment(), "HOOKSENTRY_EVENT_RETENTION_DAYS": "0"}
    migrate(environment)
    server = Server(environment, name="bench", roles="api").start()
    try:
        tenants = {name: Tenant(server.port) for name in ("big", "middle", "small")}
        database = Database(environment["HOOKSENTRY_DATABASE_URL"])
        seconds = database.fill(options.events, {name: tenant.id for name, tenant in tenants.items()})
        size = database.run("SELECT pg_size_pretty(sum(pg_total_relation_size(inhrelid))) FROM pg_inherits "
                            "WHERE inhparent = 'events'::regclass")
        count = int(database.run("SELECT count(*) FROM events"))
        print(f"{count:,} events of {OTHERS + 3:,} tenants in {DAYS} days, {size}; filled in {seconds:.0f} s")
        for name, tenant in tenants.items():
            destinations = database.run(
                "SELECT DISTINCT destination_id FROM (SELECT destination_id FROM events "
                f"WHERE tenant_id = '{tenant.id}' LIMIT 20000) AS found").replace("-", "").split()
            report(name, Reader(tenant), destinations)
    finally:
        server.close()


if __name__ == "__main__":
    main()
