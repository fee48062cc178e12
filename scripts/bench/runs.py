"""What is measured: loads through the platform, and the references taken beside them. No printing."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from filling import Database
from processes import Usage, processes
from support.client import Tenant
from support.conditions import eventually

DESTINATIONS = 16
BYTES = 512
MAPPING = {"seq": "seq", "at": "at", "type": "type", "pad": "pad"}


class Bench:
    """One running platform with a tenant, and the two tools around it."""

    def __init__(self, tools, server):
        self.tools, self.server = pathlib.Path(tools), server
        self.tenant = Tenant(server.port)

    def receiver(self, events):
        """A receiver that waits for so many events, and its port."""
        process = subprocess.Popen([self.tools / "receiver", "-n", str(events), "-s", "60",
                                    "-k", self.tenant.webhook_secret], stdout=subprocess.PIPE, text=True)
        return process, int(process.stdout.readline())

    def paths(self, port):
        """Ingest paths of fresh destinations with an authenticator; one is a sender's with a mapping."""
        targets = [self.tenant.destination(f"http://127.0.0.1:{port}/{number}", serverRateLimit=50,
                                           authType="BearerToken", credentials={"token": f"bench-{number}"})
                   for number in range(DESTINATIONS)]
        targets[0] = self.tenant.sender(targets[0], MAPPING)
        return [self.tenant.ingest_path(target) for target in targets]

    def load_command(self, port, paths, events, connections, rate=None, headers=None, size=BYTES):
        """headers: None for those that ingest wants."""
        command = [self.tools / "load", "-p", str(port), "-n", str(events), "-c", str(connections), "-b", str(size)]
        for path in paths:
            command += ["-t", path]
        for header in self.headers if headers is None else headers:
            command += ["-H", header]
        if rate:
            command += ["-r", str(rate)]
        return command

    def load(self, *arguments, **options):
        """What the load generator says when it is done."""
        command = self.load_command(*arguments, **options)
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)

    def settled(self):
        """Nothing of the tenant waits any more: what the workers still had to write is written."""
        eventually(lambda: self.tenant.unfinished() == 0, 120,
                   lambda: f"all settled; {self.tenant.unfinished()} events wait")

    def end_to_end(self, events, connections, rate=None, size=BYTES):
        """One load through accept, queue and delivery: what load and receiver saw, and what it cost."""
        receiver, port = self.receiver(events)
        paths = self.paths(port)
        before = self.usage()
        began = time.time_ns()
        sent = self.load(self.server.port, paths, events, connections, rate, size=size)
        received = json.loads(receiver.communicate(timeout=600)[0])
        self.settled()
        received["per_second"] = received["unique"] / ((received["last_ns"] - began) / 1e9)
        return sent, received, self.cost(before)

    def accept(self, events, connections, rate=None):
        """The same load with nobody delivering: for a server without the worker's role."""
        paths = self.paths(9)
        before = self.usage()
        sent = self.load(self.server.port, paths, events, connections, rate)
        return sent, self.cost(before)

    @property
    def headers(self):
        return [f"X-Api-Key: {self.tenant.api_key}"]

    def usage(self):
        return {name: Usage.of(pid) for name, pid in processes(self.server.process.pid).items()}

    def cost(self, before):
        return {name: usage - before[name] for name, usage in self.usage().items()}

    def raw_http(self, events, connections):
        """Requests a second straight into the receiver: what loopback and the tools alone can do."""
        receiver, port = self.receiver(events + 1)
        sent = self.load(port, ["/raw"], events, connections, headers=())
        receiver.terminate()
        receiver.wait()
        return sent["events"] / sent["seconds"]


def exactly_once(who, received):
    """Ends the benchmark unless this receiver got each event once and well signed."""
    if received["missing"] or received["duplicates"] or received["bad_signatures"]:
        sys.exit(f"bench: {who} did not get each event exactly once, well signed: {received}")


def age_log(database_url):
    """Gives PostgreSQL the files of its log that a server has which has run for a while.

    A fresh server makes each file of 16 MB when it is needed, zeroes it and flushes it, and whoever commits waits;
    later the old ones are used again (as many as min_wal_size says).
    """
    fill = "SELECT count(pg_logical_emit_message(false, 'bench', repeat('x', 1000000))) FROM generate_series(1, 1100)"
    Database(database_url).run(fill, "CHECKPOINT")


def commit_ms(database_url):
    """The mean time of one small committed INSERT by one client, in milliseconds: what the disk allows."""
    script = "insert into bench_commit values (1);"
    for statement in ("drop table if exists bench_commit", "create table bench_commit (n int)"):
        subprocess.run(["psql", "-qX", "-d", database_url, "-c", statement], check=True, stderr=subprocess.DEVNULL)
    pgbench = next(path for path in ("/usr/lib/postgresql/15/bin/pgbench", "/usr/bin/pgbench") if os.path.exists(path))
    said = subprocess.run([pgbench, "-n", "-c", "1", "-T", "3", "-f", "/dev/stdin", database_url], input=script,
                          check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return float(re.search(r"latency average = ([\d.]+) ms", said).group(1))


def disk_mb_per_second(blocks, size):
    """What the disk takes of blocks of this size that are flushed one by one, in MB/s."""
    block = os.urandom(size)
    with tempfile.NamedTemporaryFile(dir=os.environ["RUN_DIR"]) as file:
        began = time.perf_counter()
        for _ in range(blocks):
            file.write(block)
            file.flush()
            os.fdatasync(file.fileno())
        return blocks * size / 1e6 / (time.perf_counter() - began)
