"""A destination of our own: a small HTTP server on raw sockets, one thread a connection.

Each path has a behaviour, a function from the request to a Reply. Everything that arrives is kept.
"""
import collections
import re
import socket
import threading
import time

from .listener import Listener


class Request:
    def __init__(self, path, headers, body):
        self.path = path
        self.headers = headers  # names in lower case
        self.body = body
        self.at = time.monotonic()


Reply = collections.namedtuple("Reply", "status headers body", defaults=[{}, b"ok"])
REASONS = {200: "OK", 401: "Unauthorized", 410: "Gone", 429: "Too Many Requests", 500: "Internal Server Error"}
SEQUENCE = re.compile(rb'"seq":\s*(\d+)')


def always(status, headers=None, body=b"ok"):
    return lambda request: Reply(status, headers or {}, body)


def in_turn(*replies):
    """The replies one after the other; the last one from then on."""
    rest = list(replies)
    lock = threading.Lock()

    def behave(request):
        with lock:
            return rest.pop(0) if len(rest) > 1 else rest[0]
    return behave


class Receiver:
    def __init__(self, host="127.0.0.1"):
        self.host = host
        #: Connections that came, whatever became of them.
        self.accepted_connections = 0
        self._lock = threading.Lock()
        self._behaviours = {}
        self._requests = collections.defaultdict(list)
        self._answered = collections.defaultdict(collections.Counter)
        self._connections = set()
        self._closing = threading.Event()
        self._listener = Listener(self._serve, host)
        self.port = self._listener.port

    def url(self, path):
        return f"http://{self.host}:{self.port}{path}"

    def on(self, path, behaviour):
        """Sets what a path does; without, it answers 200. Returns the URL."""
        with self._lock:
            self._behaviours[path] = behaviour
        return self.url(path)

    def hang(self, request):
        """A behaviour: says nothing until the receiver closes."""
        self._closing.wait()
        return Reply(500)

    def after(self, seconds):
        """A behaviour: says yes so much later."""
        def behave(_request):
            self._closing.wait(seconds)
            return Reply(200)
        return behave

    def requests(self, path):
        with self._lock:
            return list(self._requests[path])

    def count(self, path):
        with self._lock:
            return len(self._requests[path])

    def accepted(self, path):
        """How often each sequence number ("seq" in the payload) was answered with 2xx."""
        with self._lock:
            return collections.Counter(self._answered[path])

    def unique(self, path):
        with self._lock:
            return len(self._answered[path])

    def close(self):
        self._closing.set()
        self._listener.close()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._connections.add(connection)
            self.accepted_connections += 1
        stream = connection.makefile("rb")
        try:
            while self._answer_one(stream, connection):
                pass
        except (OSError, ValueError):
            pass
        finally:
            with self._lock:
                self._connections.discard(connection)
            stream.close()
            connection.close()

    def _answer_one(self, stream, connection):
        start = stream.readline()
        if not start:
            return False
        path = start.split()[1].decode()
        headers = {}
        while (line := stream.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        request = Request(path, headers, stream.read(int(headers.get("content-length", "0"))))
        with self._lock:
            self._requests[path].append(request)
            behave = self._behaviours.get(path, always(200))
        reply = behave(request)
        if reply is None:
            return False  # hang up without an answer
        if 200 <= reply.status < 300 and (sequence := SEQUENCE.search(request.body)):
            with self._lock:
                self._answered[path][int(sequence.group(1))] += 1
        head = [f"HTTP/1.1 {reply.status} {REASONS.get(reply.status, 'Status')}"]
        head += [f"{name}: {value}" for name, value in reply.headers.items()]
        head.append(f"Content-Length: {len(reply.body)}")
        connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + reply.body)
        return True
