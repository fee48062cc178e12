"""Times lists of events over HTTP. What is listed is in the database already."""
import datetime
import http.client
import json
import random
import time
import urllib.parse
import uuid

from filling import DAYS
from measure import row

REQUESTS = 300
WARM_UP = 20


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
