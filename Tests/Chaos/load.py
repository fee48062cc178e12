"""A load that does what a careful client does: it repeats with the same idempotency key until it has an answer."""
import http.client
import json
import threading
import time

from support.conditions import pause

RATE = 120
SENDERS = 6


class Load:
    """`ids` has, for each sequence number, every event id that any answer named; `owed` those never answered."""

    def __init__(self, tenant, targets, ports, seconds):
        self.paths = [tenant.ingest_path(target) for target in targets]
        self.ports = ports
        self.total = int(RATE * seconds)
        self.headers = {"Content-Type": "application/json", "X-Api-Key": tenant.api_key}
        self.ids = {}
        self.bodies = {}
        self.unexpected = []  # answers that no client should ever see
        self.repeats = 0
        self._give_up_at = float("inf")
        self._next = 0
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=(number,), daemon=True) for number in range(SENDERS)]

    def start(self):
        self._began = time.monotonic()
        for thread in self._threads:
            thread.start()

    def finish(self, limit):
        """Waits until every number has its answer; after `limit` seconds those left are owed."""
        self._give_up_at = time.monotonic() + limit
        for thread in self._threads:
            thread.join(limit + 30)

    @property
    def owed(self):
        return self.total - len(self.ids)

    def target(self, number):
        return number % len(self.paths)

    def _run(self, sender):
        while True:
            with self._lock:
                if self._next >= self.total:
                    return
                number = self._next
                self._next += 1
            pause(self._began + number / RATE - time.monotonic())
            body = json.dumps({"seq": number, "sum": f"{number}.10", "pad": "é" * (number % 50)}).encode()
            self.bodies[number] = body
            attempt = sender
            while time.monotonic() < self._give_up_at and not self._post(number, body, attempt):
                attempt += 1
                self.repeats += 1
                pause(0.05)

    def _post(self, number, body, attempt):
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[attempt % len(self.ports)], timeout=5)
        try:
            connection.request("POST", self.paths[self.target(number)], body,
                               {**self.headers, "X-Idempotency-Key": f"key-{number}"})
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        if response.status in (200, 202):
            with self._lock:
                self.ids.setdefault(number, set()).add(json.loads(answer)["eventId"])
            return True
        if response.status != 503 or "Retry-After" not in response.headers:
            with self._lock:
                self.unexpected.append((number, response.status, answer[:200]))
        return False
