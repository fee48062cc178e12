"""A paced stream of events from several kept connections, which remembers what it was promised."""
import http.client
import json
import threading
import time

from .conditions import pause


class Load:
    """Posts payloads with sequence numbers; `accepted` maps each acknowledged number to its event id,
    `asked` each number to the moment of its request.

    A request whose connection broke was perhaps accepted: those numbers are in `unknown`. A refused one
    (503 while a server is away) is in `refused`, with the seconds the refusal took, and is not repeated.
    """

    def __init__(self, tenant, target, rate, connections=4, total=None):
        """target: a destination or sender, or several that take turns."""
        self.port = tenant.port
        self.paths = [tenant.ingest_path(one) for one in (target if isinstance(target, list) else [target])]
        self.headers = {"Content-Type": "application/json", "X-Api-Key": tenant.api_key}
        self.rate = rate
        self.total = total
        self.accepted = {}
        self.asked = {}
        self.unknown = set()
        self.refused = {}
        self.refusal_headers = []
        self._next = 0
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._began = time.monotonic()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(connections)]

    def start(self):
        for thread in self._threads:
            thread.start()
        return self

    def stop(self):
        """Ends the stream; when it returns every request has its answer or its failure."""
        self._stop.set()
        return self.join()

    def join(self):
        for thread in self._threads:
            thread.join(120)
        return self

    def sent(self):
        with self._lock:
            return len(self.accepted)

    def _take(self):
        with self._lock:
            if self._stop.is_set() or (self.total is not None and self._next >= self.total):
                return None
            self._next += 1
            return self._next

    def _run(self):
        connection = None
        while (number := self._take()) is not None:
            pause(self._began + number / self.rate - time.monotonic())
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            asked = self.asked[number] = time.monotonic()
            try:
                path = self.paths[number % len(self.paths)]
                connection.request("POST", path, json.dumps({"seq": number, "pad": "x" * 200}), self.headers)
                response = connection.getresponse()
                body = response.read()
            except (OSError, http.client.HTTPException):
                connection.close()
                connection = None
                with self._lock:
                    self.unknown.add(number)
                continue
            with self._lock:
                if response.status == 202:
                    self.accepted[number] = json.loads(body)["eventId"]
                else:
                    self.refused[number] = (response.status, time.monotonic() - asked)
                    self.refusal_headers.append(dict(response.headers))
        if connection is not None:
            connection.close()


class Tally:
    """What became of a load: exact counts of delivered, duplicate and lost."""

    def __init__(self, load, received):
        self.accepted = len(load.accepted)
        self.delivered = sum(1 for number in load.accepted if received[number] > 0)
        self.duplicates = sum(count - 1 for count in received.values() if count > 1)
        self.lost = self.accepted - self.delivered
        self.refused = len(load.refused)
        self.unknown = len(load.unknown)

    def __str__(self):
        return (f"accepted {self.accepted}, delivered {self.delivered}, duplicates {self.duplicates}, "
                f"lost {self.lost}; refused {self.refused}, cut off {self.unknown}")
