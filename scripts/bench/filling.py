"""A database with as many events as some months leave behind, made by SQL: through ingest it would take an hour."""
import concurrent.futures
import datetime
import os
import subprocess
import time

DAYS = 30
OTHERS = 10_000


def event_id(moment):
    """SQL for an event's id as the program makes them (UUIDv7, RFC 9562) at a moment, which is SQL as well."""
    return f"(lpad(to_hex(floor(extract(epoch FROM {moment}) * 1000)::bigint), 12, '0') || '7' " \
        "|| right(replace(gen_random_uuid()::text, '-', ''), 19))::uuid"


#: The tenants and destinations that the events below belong to, apart from the measured tenants, which exist.
OWNERS = """
INSERT INTO tenants (id, name, max_trys, circuit_breaker_timer_s, created_at, updated_at)
    SELECT md5('other ' || n)::uuid, 'Other ' || n, 3, 60, now(), now() FROM generate_series(0, {others} - 1) AS n;
INSERT INTO destinations (id, tenant_id, url, status, shard, concurrency, token_hash, created_at, updated_at)
    SELECT id, tenant, 'http://127.0.0.1:9/', 0, ('x' || left(id::text, 1))::bit(4)::int, 50,
        decode(md5('1' || id) || md5('2' || id), 'hex'), now(), now()
    FROM (SELECT tenant, md5(tenant::text || place)::uuid AS id
        FROM (SELECT md5('other ' || n)::uuid AS tenant, 1 AS many FROM generate_series(0, {others} - 1) AS n
            UNION ALL VALUES ('{big}'::uuid, 100), ('{middle}', 10), ('{small}', 10)) AS owners
        CROSS JOIN LATERAL generate_series(0, many - 1) AS place) AS made;
"""

#: Makes the events of one day. Ids carry the time as the program's do; 84 % were delivered, 10 % wait, some failed.
FILL = """
INSERT INTO events (id, tenant_id, destination_id, shard, accepted_at, content_type, traceparent, payload,
    status, due_at, delivered_at, attempts_finished)
SELECT {event_id},
    tenant, destination, ('x' || left(destination::text, 1))::bit(4)::int, at,
    'application/json', '', convert_to(repeat('x', 200), 'UTF8'), status,
    CASE WHEN status IN (0, 4) THEN at + interval '40 days' END, CASE WHEN status = 2 THEN at END, 1
FROM (SELECT *, md5(tenant::text || floor(random() * destinations))::uuid AS destination FROM (
    SELECT at,
        CASE WHEN who < 0.15 THEN '{big}' WHEN who < 0.16 THEN '{middle}' WHEN who < 0.16 + {small_share} THEN '{small}'
            ELSE md5('other ' || floor(random() * {others}))::uuid END AS tenant,
        CASE WHEN who < 0.15 THEN 100 WHEN who < 0.16 + {small_share} THEN 10 ELSE 1 END AS destinations,
        CASE WHEN fate < 0.84 THEN 2 WHEN fate < 0.87 THEN 5 WHEN fate < 0.88 THEN 7 WHEN fate < 0.89 THEN 6
            WHEN fate < 0.9999 THEN 4 ELSE 0 END AS status
    FROM (SELECT timestamptz '{day}' + n * interval '86400 s' / {count} AS at, random() AS who, random() AS fate
        FROM generate_series(0, {count} - 1) AS n) AS made) AS chosen) AS placed
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
        shape = {"event_id": event_id("at"), "count": events // DAYS, "others": OTHERS,
                 "small_share": 1_000 / events, **tenants}
        self.run("SET synchronous_commit = off", OWNERS.format(**shape))
        days = [today - datetime.timedelta(days=number) for number in range(DAYS, 0, -1)]
        for day in days:
            self.make_partition(day)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as clients:
            list(clients.map(lambda day: self.run(
                "SET synchronous_commit = off", FILL.format(day=day.isoformat(), **shape)), days))
        # As autovacuum would have done over the month.
        self.run("VACUUM (ANALYZE) events", "ANALYZE tenants", "ANALYZE destinations")
        return time.monotonic() - began
