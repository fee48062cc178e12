"""Requests made to be read in two ways, or to cost more than they are worth, against the ingest port.

A proxy in front of HookSentry and HookSentry itself must agree where a request ends: whoever can make them disagree
can slip in a request of his own behind another's (RFC 9112, section 11.2).
"""
import socket
import uuid

from support.client import send
from support.scene import SceneTest
from support.wire import raw, statuses

BODY = b'{"a":1}'
CHUNKS = b"7\r\n" + BODY + b"\r\n0\r\n\r\n"


class HostileRequestsTest(SceneTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.destination = cls.tenant.destination(cls.receiver.url("/hostile"))

    def head(self, *lines, key=None, version=b"HTTP/1.1", target=None, host=b"Host: hooks.example\r\n"):
        """A post of the ingest port without its end; lines: bytes without line ends."""
        path = target or self.tenant.ingest_path(self.destination).encode()
        keys = b"X-Idempotency-Key: %s\r\n" % key.encode() if key else b""
        return (b"POST %s %s\r\n" % (path, version) + host + b"X-Api-Key: %s\r\n" % self.tenant.api_key.encode()
                + b"Content-Type: application/json\r\n" + keys + b"".join(line + b"\r\n" for line in lines))

    def whole(self, key):
        """A good request that closes the connection."""
        return self.head(b"Content-Length: %d" % len(BODY), b"Connection: close", key=key) + b"\r\n" + BODY

    def is_stored(self, key):
        """Whether a request with this key was accepted before; stores one if not."""
        answer = self.tenant.ingest(self.destination, BODY, key)
        self.assertIn(answer.status, (200, 202), answer.body)
        return answer.status == 200

    def refuse(self, request, allowed=(400, 411, 413, 414, 431, 501, 505)):
        """The request is refused or the connection closed, and what follows it on the connection is not obeyed."""
        slipped_in = f"slipped-{uuid.uuid4()}"
        answer = raw(self.server.port, request + self.whole(slipped_in), patience=1)
        found = statuses(answer)
        self.assertLessEqual(len(found), 1, answer[:600])
        for status in found:
            self.assertIn(status, allowed, answer[:600])
        self.assertFalse(self.is_stored(slipped_in), f"what followed was obeyed: {answer[:600]}")

    def refuse_all(self, cases, body):
        for lines in cases:
            with self.subTest(lines):
                self.refuse(self.head(*lines) + b"\r\n" + body)
        self.assertEqual(self.server.get("/health")[0], 200)

    def test_the_probe_can_tell(self):
        """Two good requests on one connection are both obeyed: so would be one that was slipped in."""
        keys = [f"pipelined-{uuid.uuid4()}" for _ in range(3)]
        requests = [self.head(b"Content-Length: 7", key=keys[0]) + b"\r\n" + BODY,
                    self.head(b"Transfer-Encoding: chunked", key=keys[1]) + b"\r\n" + CHUNKS, self.whole(keys[2])]
        self.assertEqual(statuses(raw(self.server.port, b"".join(requests), patience=10)), [202, 202, 202])
        self.assertEqual([self.is_stored(key) for key in keys], [True] * 3)
        with self.assertRaises(AssertionError):
            self.refuse(requests[0])

    def test_length_and_chunks_at_once(self):
        self.refuse_all([
            (b"Content-Length: 7", b"Transfer-Encoding: chunked"),
            (b"Transfer-Encoding: chunked", b"Content-Length: 7"),
            (b"Content-Length: 22", b"Transfer-Encoding: chunked"),
            (b"content-length:7", b"TRANSFER-ENCODING:CHUNKED"),
            (b"Content-Length: 0", b"Transfer-Encoding: identity"), (b"Content-Length: 22", b"Transfer-Encoding: "),
        ], CHUNKS)

    def test_transfer_encodings_that_others_might_read_otherwise(self):
        self.refuse_all([(line,) for line in [
            b"Transfer-Encoding: identity", b"Transfer-Encoding: gzip", b"Transfer-Encoding: gzip, chunked",
            b"Transfer-Encoding: chunked, identity", b"Transfer-Encoding: chunked, chunked",
            b"Transfer-Encoding: xchunked", b"Transfer-Encoding: chunkedx", b"Transfer-Encoding: chunked;q=1",
            b'Transfer-Encoding: "chunked"', b"Transfer-Encoding:", b"Transfer-Encoding: ,chunked",
            b"Transfer-Encoding: chunked\x0b", b"Transfer-Encoding: \x0bchunked", b"Transfer-Encoding: chunked\x00",
            b"Transfer-Encoding: \x00chunked", b"Transfer-Encoding: chunk\xc3\xa9d", b"Transfer-Encoding : chunked",
            b"Transfer-Encoding\t: chunked", b"Transfer-Encoding\x00: chunked", b"Transfer Encoding: chunked",
            b"Transfer-Encoding\r: chunked", b"X: y\rTransfer-Encoding: chunked",
            b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
            b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
        ]], CHUNKS)

    def test_lengths_that_others_might_read_otherwise(self):
        self.refuse_all([(line,) for line in [
            b"Content-Length: 7\r\nContent-Length: 8", b"Content-Length: 0\r\nContent-Length: 7",
            b"Content-Length: 7, 8", b"Content-Length: 7,7", b"Content-Length: 7 7", b"Content-Length: +7",
            b"Content-Length: -7", b"Content-Length: 0x7", b"Content-Length: 7.0", b"Content-Length: 7e0",
            b"Content-Length: ", b"Content-Length: seven", b"Content-Length: 18446744073709551623",
            b"Content-Length: 9223372036854775815", b"Content-Length: \xef\xbc\x97", b"Content-Length: 7\x0b",
            b"Content-Length: 7\x00", b"Content-Length : 7", b"Content-Length\t: 7", b"Content-Length\x0b: 7",
            b"X: y\rContent-Length: 7", b"Content-Length: 7;", b"Content-Length: 0\r 7", b"Content-Length: 4294967303",
        ]], BODY)

    def test_chunks_that_others_might_read_otherwise(self):
        head = self.head(b"Transfer-Encoding: chunked") + b"\r\n"
        for chunks in [
                b"-7\r\n" + BODY + b"\r\n0\r\n\r\n", b"+7\r\n" + BODY + b"\r\n0\r\n\r\n",
                b"0x7\r\n" + BODY + b"\r\n0\r\n\r\n", b" 7\r\n" + BODY + b"\r\n0\r\n\r\n",
                b"\r\n7\r\n" + BODY + b"\r\n0\r\n\r\n", b"g\r\n" + BODY + b"\r\n0\r\n\r\n",
                b"\r\n" + BODY + b"\r\n0\r\n\r\n", b"7,\r\n" + BODY + b"\r\n0\r\n\r\n",
                b"10000000000000007\r\n" + BODY + b"\r\n0\r\n\r\n", b"FFFFFFFFFFFFFFFF\r\n" + BODY + b"\r\n0\r\n\r\n",
                b"FFFFFFFFFFFFFFF7\r\n" + BODY + b"\r\n0\r\n\r\n", b"8000000000000000\r\n" + BODY + b"\r\n0\r\n\r\n",
                b"0" * 100_000 + b"7\r\n" + BODY + b"\r\n0\r\n\r\n", b"7" + b"f" * 10_000 + b"\r\n" + BODY,
                b"7\r\n" + BODY + b"0\r\n\r\n", b"7\r\n" + BODY + b"xx\r\n0\r\n\r\n",
                b"6\r\n" + BODY + b"\r\n0\r\n\r\n",
                b"7\x00\r\n" + BODY + b"\r\n0\r\n\r\n", b"7;" + b"x" * 100_000 + b"\r\n" + BODY + b"\r\n0\r\n\r\n"]:
            with self.subTest(chunks[:40]):
                self.refuse(head + chunks)

    def test_line_ends_and_folds(self):
        for request in [
                self.head(b"Content-Length: 7", b"X: a\r\n b") + b"\r\n" + BODY,
                self.head(b"X: a\r\n Transfer-Encoding: chunked", b"Content-Length: 7") + b"\r\n" + BODY,
                self.head(b"Content-Length:\r\n 7") + b"\r\n" + BODY,
                self.head(b"Transfer-Encoding:\r\n chunked") + b"\r\n" + CHUNKS,
                b"\x00" + self.head(b"Content-Length: 7") + b"\r\n" + BODY,
                self.head(b"Content-Length: 7", b"X: a\x00b") + b"\r\n" + BODY,
                self.head(b"Content-Length: 7", b"X\x00: a") + b"\r\n" + BODY,
                self.head(b"Content-Length: 7", b": a") + b"\r\n" + BODY,
                self.head(b"Content-Length: 7", b"no colon") + b"\r\n" + BODY,
                self.head(b"Content-Length: 7", b"X: a\rb: c") + b"\r\n" + BODY,
                self.head(b"Content-Length: 7\r\r\nX: y") + b"\r\n" + BODY,
                self.head(b"Content-Length: 7").replace(b"\r\n", b"\r") + b"\r" + BODY]:
            with self.subTest(request[-60:]):
                self.refuse(request)

    def test_versions_targets_and_hosts(self):
        length = b"Content-Length: %d" % len(BODY)
        path = self.tenant.ingest_path(self.destination).encode()
        for request in [
                self.head(length, host=b"") + b"\r\n" + BODY,
                self.head(length, b"Host: other.example") + b"\r\n" + BODY,
                self.head(length, version=b"HTTP/2.0") + b"\r\n" + BODY,
                self.head(length, version=b"HTTP/1.2") + b"\r\n" + BODY,
                self.head(length, version=b"HTTP/0.9") + b"\r\n" + BODY,
                self.head(length, version=b"http/1.1") + b"\r\n" + BODY,
                self.head(length, version=b"") + b"\r\n" + BODY,
                self.head(b"Transfer-Encoding: chunked", version=b"HTTP/1.0") + b"\r\n" + CHUNKS,
                b"POST " + path + b"\r\n" + BODY,
                b"GET /health\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
                b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"]:
            with self.subTest(request[:60]):
                self.refuse(request)

    def test_other_forms_of_a_target_lead_nowhere(self):
        """Their ends are plain, so the connection may go on; the event of each is not accepted."""
        path = self.tenant.ingest_path(self.destination)
        for target in [f"http://elsewhere.example{path}", f"https://127.0.0.1{path}", "elsewhere.example:443", "*",
                       f"//elsewhere.example{path}", f"/{path}", f"{path}/", f"{path}/../x", path.replace("/", "%2F"),
                       f"\\{path}", path + "%00", path + "%0d%0aX:%20y"]:
            with self.subTest(target):
                key = f"target-{uuid.uuid4()}"
                answer = raw(self.server.port, self.head(
                    b"Content-Length: 7", b"Connection: close", key=key, target=target.encode()) + b"\r\n" + BODY,
                    patience=10)
                found = statuses(answer)
                self.assertEqual(len(found), 1, answer[:300])
                self.assertIn(found[0], (400, 404), answer[:300])
                self.assertFalse(self.is_stored(key))

    def test_offers_to_switch_protocols_are_not_taken(self):
        for lines in [(b"Upgrade: h2c", b"Connection: Upgrade, HTTP2-Settings", b"HTTP2-Settings: AAMAAABkAAQ"),
                      (b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Version: 13")]:
            key = f"upgrade-{uuid.uuid4()}"
            first = self.head(b"Content-Length: 7", *lines) + b"\r\n" + BODY
            self.assertEqual(statuses(raw(self.server.port, first + self.whole(key), patience=10)), [202, 202])
        tunnel = b"CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % self.receiver.port
        [status] = statuses(raw(self.server.port, tunnel, patience=10))
        self.assertIn(status, (400, 404, 405))

    def resident_bytes(self):
        with open(f"/proc/{self.server.process.pid}/statm") as file:
            return int(file.read().split()[1]) * 4096

    def test_what_is_too_large_costs_little(self):
        fill = b"x" * 65536
        self.refuse(self.head(b"X: " + fill) + b"\r\n")  # Once, before the memory is measured.
        before = self.resident_bytes()
        for name, start, repeated in [
                ("target", b"POST /", fill), ("header", self.head() + b"X: ", fill),
                ("header name", self.head() + b"X", fill), ("query", b"POST /api?", b"a=b&" * 16384),
                # A million and more of them.
                ("headers", self.head(), b"".join(b"X-%05d: 1\r\n" % n for n in range(16384))),
                ("chunk extension", self.head(b"Transfer-Encoding: chunked") + b"\r\n1;", fill),
                ("tiny chunks", self.head(b"Transfer-Encoding: chunked") + b"\r\n", b"1\r\n \r\n" * 16384),
                ("trailer", self.head(b"Transfer-Encoding: chunked") + b"\r\n0\r\nX: ", fill),
                ("body", self.head(b"Content-Length: 900000000") + b"\r\n", fill)]:
            with self.subTest(name):
                answer = b""
                with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as connection:
                    try:
                        connection.sendall(start)
                        for _ in range(64):
                            connection.sendall(repeated)
                        # The tiny chunks are none too many; what they hold is no JSON.
                        connection.sendall(b"0\r\n\r\n")
                        answer = connection.recv(65536)
                        self.assertTrue(answer, "the server did nothing about it")
                    except ConnectionError:
                        pass
                for status in statuses(answer):
                    self.assertIn(status, (400, 413, 414, 431), answer[:300])
        self.assertEqual(self.server.get("/health")[0], 200)
        self.assertLess(self.resident_bytes() - before, 64 << 20)

    def test_clients_that_leave_in_the_middle_leave_nothing_behind(self):
        whole = self.head(b"Content-Length: 7") + b"\r\n" + BODY
        for end in range(1, len(whole), 7):
            with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as connection:
                connection.sendall(whole[:end])
        answer = send(self.server.port, "GET", "/metrics")
        self.assertEqual(answer.status, 200)
        self.assertEqual(self.server.get("/health")[0], 200)
