"""Changes as they happen: two nodes, a reader that leaves and comes back, and one that does not read."""
import http.client
import json
import socket
import threading
import uuid

from support.client import Tenant, send
from support.conditions import eventually
from support.load import Load
from support.receiver import always
from support.scene import SceneTest, say, shared_services
from support.server import Server


class Stream:
    """An open stream; a thread of its own collects what comes."""

    def __init__(self, port, token=None, last_id=None, query=""):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if last_id:
            headers["Last-Event-ID"] = last_id
        self.connection.request("GET", "/api/v1/stream" + query, headers=headers)
        self.response = self.connection.getresponse()
        self.status = self.response.status
        self.events, self.comments, self.ended = [], [], False
        self.last_id = last_id
        if self.status == 200:
            self.socket = self.connection.sock
            threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        fields = {}
        try:
            while line := self.response.readline():
                line = line.decode().rstrip("\n")
                if line.startswith(":"):
                    self.comments.append(line[2:])
                elif line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                elif fields:
                    self.last_id = fields["id"]
                    self.events.append((fields["event"], json.loads(fields["data"])))
                    fields = {}
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            # The last one is how http.client says that it was closed meanwhile.
            pass
        self.ended = True

    def ready(self):
        # Older transactions of the whole server have to end first, those of other tests among them.
        eventually(lambda: self.events or "resumed" in self.comments, 60, "the stream is ready")
        return self

    def of(self, *types):
        return [data for type, data in self.events if type in types]

    def wait(self, type, count=1, limit=20):
        eventually(lambda: len(self.of(type)) >= count, limit,
                   lambda: f"{count} × {type}, so far {len(self.of(type))} among {len(self.events)}")
        return self.of(type)

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        eventually(lambda: self.ended, 10, "the reader ended")
        self.connection.close()


class NobodyListensTest(SceneTest):
    def test_nothing_is_written(self):
        destination = self.tenant.destination(self.receiver.on(self.path(), always(200)))
        self.tenant.final(self.tenant.accept(destination, {"n": 1}))
        self.assertEqual(self.count_entries(), 0)

    def count_entries(self):
        database = self.server.environment["HOOKSENTRY_DATABASE_URL"].rsplit("/", 1)[1].split("?")[0]
        counted = shared_services().command(
            "psql", "-qAt", "-c", f'\\connect "{database}"', "-c", "select count(*) from stream_entries")
        return int(counted.split()[-1])


class StreamTest(SceneTest):
    tenant_settings = {"maxTrys": 1, "circuitBreakerTimer": 1}
    extra_environment = {"HOOKSENTRY_LIMITS_STREAM_PING_MS": "500", "HOOKSENTRY_LIMITS_STREAM_MEMORY_S": "60",
                         "HOOKSENTRY_LIMITS_STREAM_STALL_MS": "3000",
                         "HOOKSENTRY_LIMITS_STREAM_BUFFER_BYTES": "65536"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        environment = {key: value for key, value in cls.server.environment.items() if key != "HOOKSENTRY_LISTEN"}
        cls.other = Server(environment, name="other-node")
        cls.addClassCleanup(cls.other.close)
        cls.other.start()

    def open(self, node=None, **arguments):
        stream = Stream((node or self.server).port, self.tenant.access_token, **arguments)
        self.addCleanup(stream.connection.close)
        self.assertEqual(stream.status, 200)
        return stream.ready()

    def test_changes_on_every_node_reach_a_stream_on_one(self):
        stream = self.open(self.other)
        self.assertEqual(stream.events[0], ("stream.ready", {}))
        path = self.path()
        destination = self.tenant.destination(self.receiver.on(path, always(200)))
        self.assertEqual(stream.wait("destination.created")[0]["id"], destination["id"])
        self.assertNotIn("ingestToken", json.dumps(stream.of("destination.created")))
        answer = self.tenant.ingest(destination, {"n": 1}, port=self.other.port)
        event = json.loads(answer.body)["eventId"]
        self.tenant.final(event)
        eventually(lambda: any(data["id"] == event and data["status"] == "Succeeded"
                               for data in stream.of("event.created", "event.updated")), 20, "the delivery is told")
        self.assertEqual([data["id"] for data in stream.of("event.created")], [event])
        key = self.tenant.call("POST", "/api/v1/apikeys", 201, {"name": "told"})
        shown = stream.wait("apikey.created")[0]
        self.assertEqual((shown["id"], "key" in shown), (key["id"], False))
        self.tenant.call("DELETE", f"/api/v1/apikeys/{key['id']}")
        self.assertEqual(stream.wait("apikey.deleted")[0], {"id": key["id"]})
        self.assertEqual(stream.wait("notification.created")[-1]["type"], "api_key_revoked")
        eventually(lambda: "ping" in stream.comments, 10, "a ping")

    def test_an_open_breaker_is_told_and_notified(self):
        stream = self.open()
        destination = self.tenant.destination(self.receiver.on(self.path(), always(500)))
        for number in range(6):
            self.tenant.accept(destination, {"n": number})
        eventually(lambda: any(data["id"] == destination["id"] and data["circuitBreakerState"] != "Closed"
                               for data in stream.of("destination.updated")), 20, "the breaker is told")
        eventually(lambda: {"breaker_opened", "event_critical_failure"} <=
                   {data["type"] for data in stream.of("notification.created")
                    if data["destinationId"] == destination["id"]}, 20, "both are notified")
        listed = self.tenant.call("GET", "/api/v1/notifications?read=false&Qt=200")["items"]
        failures = [item for item in listed
                    if item["type"] == "event_critical_failure" and item["destinationId"] == destination["id"]]
        self.assertLessEqual(len(failures), 2)
        self.assertGreaterEqual(sum(item["count"] for item in failures), 5)

    def test_who_comes_back_misses_nothing_and_hears_nothing_twice(self):
        destination = self.tenant.destination(self.receiver.on(self.path(), always(200)), serverRateLimit=50)
        stream = self.open()
        load = Load(self.tenant, destination, rate=150, total=900).start()
        seen = []
        for node in [self.other, self.server, self.other]:
            stream.wait("event.created", 60)
            stream.close()
            seen += [data["id"] for data in stream.of("event.created")]
            stream = self.open(node, last_id=stream.last_id)
            self.assertIn("resumed", stream.comments)
        accepted = set(load.join().accepted.values())
        self.assertEqual(len(accepted), 900)
        eventually(lambda: accepted <= set(seen) | {data["id"] for data in stream.of("event.created")}, 60,
                   lambda: f"all are told, so far {len(seen) + len(stream.of('event.created'))}")
        seen += [data["id"] for data in stream.of("event.created")]
        self.assertEqual(sorted(seen), sorted(accepted))
        say(f"{len(seen)} events told once each over four connections to two nodes")

    def test_a_forgotten_place_is_a_reset(self):
        stream = self.open(last_id="1-1")
        self.assertEqual(stream.events[0][0], "stream.reset")

    def test_a_reader_that_does_not_read_is_cut_off_and_slows_nobody(self):
        payload = {"filler": "x" * 20_000}
        destination = self.tenant.destination(self.receiver.on(self.path(), always(200)), serverRateLimit=50)
        idle = socket.create_connection(("127.0.0.1", self.server.port))
        self.addCleanup(idle.close)
        idle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        idle.sendall(f"GET /api/v1/stream HTTP/1.1\r\nHost: h\r\n"
                     f"Authorization: Bearer {self.tenant.access_token}\r\n\r\n".encode())
        self.assertIn(b"200 OK", idle.recv(100))
        reader = self.open()
        closed = self.stalled()
        events = [self.tenant.accept(destination, payload) for _ in range(400)]
        reader.wait("event.created", 400, 60)
        for event in events[-3:]:
            self.assertEqual(self.tenant.final(event)["status"], "Succeeded")
        eventually(lambda: self.stalled() > closed, 30, "the idle reader is cut off")
        self.assertFalse(reader.ended)

    def stalled(self):
        return self.server.metrics().get('hooksentry_streams_closed_total{reason="stalled"}', 0)

    def test_a_ticket_opens_one_stream(self):
        ticket = self.tenant.call("POST", "/api/v1/stream/ticket")["ticket"]
        stream = Stream(self.other.port, query=f"?ticket={ticket}").ready()
        self.addCleanup(stream.connection.close)
        self.assertEqual(stream.events[0][0], "stream.ready")
        self.assertEqual(Stream(self.other.port, query=f"?ticket={ticket}").status, 401)
        self.assertEqual(Stream(self.server.port, query=f"?ticket={ticket}").status, 401)

    def test_streams_end_with_their_user_and_their_session(self):
        email, password = f"viewer-{uuid.uuid4()}@example.com", "battery staple"
        user = self.tenant.call("POST", "/api/v1/users", 201,
                                {"email": email, "password": password, "role": "Viewer"})

        def log_in():
            answer = send(self.server.port, "POST", "/api/v1/auth/login",
                          json.dumps({"email": email, "password": password}), {"Content-Type": "application/json"})
            return json.loads(answer.body)

        session = log_in()
        stream = Stream(self.other.port, session["accessToken"]).ready()
        send(self.server.port, "POST", "/api/v1/auth/logout", json.dumps({"refreshToken": session["refreshToken"]}),
             {"Content-Type": "application/json", "Authorization": f"Bearer {session['accessToken']}"})
        eventually(lambda: stream.ended, 20, "the stream ends with its session")
        stream = Stream(self.other.port, log_in()["accessToken"]).ready()
        self.tenant.call("PATCH", f"/api/v1/users/{user['id']}", 200, {"status": "Inactive"})
        eventually(lambda: stream.ended, 20, "the stream ends with its user")

    def test_another_tenants_changes_are_not_told(self):
        stranger = Tenant(self.server.port)
        stream = Stream(self.server.port, stranger.access_token).ready()
        self.addCleanup(stream.connection.close)
        destination = self.tenant.destination(self.receiver.on(self.path(), always(200)))
        self.tenant.final(self.tenant.accept(destination, {"n": 1}))
        stranger.call("PATCH", f"/api/v1/tenants/{stranger.id}", 200, {"maxTrys": 4})
        stream.wait("tenant.updated")
        self.assertEqual([type for type, _ in stream.events], ["stream.ready", "tenant.updated"])

    def test_z_stopping_ends_streams_at_once(self):
        stream = self.open(self.other)
        self.other.process.terminate()
        eventually(lambda: stream.ended, 10, "the stream ends")
        self.assertEqual(self.other.process.wait(40), 0)
        # The client goes on at another node.
        again = self.open(self.server, last_id=stream.last_id)
        self.assertIn("resumed", again.comments)

    def test_a_summary_counts_what_became_of_events(self):
        tenant = Tenant(self.server.port, **self.tenant_settings)
        good = tenant.destination(self.receiver.on(self.path() + "/good", always(200)))
        bad = tenant.destination(self.receiver.on(self.path() + "/bad", always(401)))
        for number in range(3):
            tenant.final(tenant.accept(good, {"n": number}))
        tenant.final(tenant.accept(bad, {"n": 9}))
        for bucket in (300, 3600):
            summary = tenant.call("GET", f"/api/v1/metrics/summary?BucketSeconds={bucket}&ByDestination=true")
            self.assertEqual(summary["total"]["accepted"], 4)
            self.assertEqual(summary["total"]["byStatus"]["Succeeded"], 3)
            self.assertEqual(summary["total"]["byStatus"]["AuthenticationFailed"], 1)
            self.assertEqual(summary["total"]["successRate"], 0.75)
            self.assertEqual(summary["total"]["attempts"], 4)
            self.assertGreater(summary["total"]["latencyMs"]["p99"], 0)
            self.assertEqual({item["destinationId"]: item["accepted"] for item in summary["destinations"]},
                             {good["id"]: 3, bad["id"]: 1})
        one = tenant.call("GET", f"/api/v1/metrics/summary?DestinationId={bad['id']}")
        self.assertEqual(one["total"]["accepted"], 1)
