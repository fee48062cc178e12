"""The real hooksentry binary as a child process."""
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import tempfile

from . import secrets
from .conditions import eventually
from .services import ROOT

BINARY = os.environ.get("HOOKSENTRY_BINARY", str(ROOT / ".build" / "debug" / "hooksentry"))


def free_port():
    """A port that can be bound now, below the range of outgoing connections: a server that is restarted
    must find it free again, and a port where nothing listens must not be reached by dialling oneself."""
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        first_outgoing = int(file.read().split()[0])
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", random.randrange(10_000, max(first_outgoing, 11_000))))
                return probe.getsockname()[1]
            except OSError:
                continue


def run_command(environment, *arguments, limit=60):
    """Runs `hooksentry ARGUMENTS` to its end; the exit code and all it said."""
    result = subprocess.run(
        [BINARY, *arguments], env={**os.environ, **environment}, cwd=ROOT, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=limit)
    secrets.remember_environment(environment)
    secrets.search(result.stdout, f"what hooksentry {' '.join(arguments[:2])} says")
    return result.returncode, result.stdout


class Server:
    """`hooksentry serve`, started, killed and started again on the same port. Its log is kept over restarts."""

    def __init__(self, environment, roles=None, name="hooksentry"):
        self.name = name
        self.port = free_port()
        self.environment = {**environment, "HOOKSENTRY_LISTEN": f"127.0.0.1:{self.port}"}
        self.roles = roles
        self.log_path = tempfile.NamedTemporaryFile(prefix=f"{name}.", suffix=".log", delete=False).name
        self.process = None
        secrets.remember_environment(self.environment)

    def start(self, ready=True):
        arguments = [BINARY, "serve"] + (["--roles", self.roles] if self.roles else [])
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                arguments, env={**os.environ, **self.environment}, cwd=ROOT, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log)
        if ready:
            eventually(self.is_ready, 60, lambda: f"hooksentry is ready; its log ends:\n{self.log_tail()}")
        return self

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"hooksentry ended with code {self.process.returncode}:\n{self.log_tail()}")
        try:
            return self.get("/health/ready")[0] == 200
        except OSError:
            return False

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def kill(self):
        """kill -9: no farewell of any kind."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def stop(self):
        """SIGTERM and the orderly end; the exit code."""
        if self.process is None or self.process.poll() is not None:
            return None
        self.process.terminate()
        try:
            return self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"hooksentry ignored SIGTERM for 40 s; its log ends:\n{self.log_tail()}") from None

    def close(self):
        try:
            if self.process is not None and self.process.poll() is None:
                self.search_metrics()
            self.stop()
        finally:
            secrets.search(self.log(), f"a log of {self.name}")
            os.unlink(self.log_path)

    def search_metrics(self):
        try:
            secrets.search(self.get("/metrics")[1], f"/metrics of {self.name}")
        except OSError:
            pass  # It serves no API, or is about to end.

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def log_tail(self, lines=25):
        return "\n".join(self.log().splitlines()[-lines:])

    def metrics(self):
        """The value of every sample of /metrics by its name with labels."""
        samples = {}
        for line in self.get("/metrics")[1].splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                samples[name] = float(value)
        return samples


def log_lines(text):
    """The JSON objects of a log, one a line; a line that is none fails the test that asked."""
    return [json.loads(line) for line in text.splitlines() if line]
