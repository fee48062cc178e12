"""Everything one run is made of: servers, relays, nodes, destinations; and how each fault is done and undone."""
import mmap
import os
import pathlib
import re
import signal
import struct
import subprocess
import tempfile
import threading
import time

from proxy import Relay
from support.receiver import Receiver, Reply
from support.scene import migrate
from support.server import Server
from support.services import Services

HERE = pathlib.Path(__file__).resolve().parent

#: Short enough that a run shows many recoveries, long enough to mean what they mean in production.
ENVIRONMENT = {
    "HOOKSENTRY_LIMITS_HAND_OVER_GRACE_MS": "4000",
    "HOOKSENTRY_LIMITS_DELIVERY_TIMEOUT_MS": "4000",
    "HOOKSENTRY_LIMITS_CONNECT_TIMEOUT_MS": "2000",
    "HOOKSENTRY_SHUTDOWN_GRACE_MS": "8000",
    "HOOKSENTRY_LIMITS_TENANTS_PER_ADDRESS": "1000000",
    "HOOKSENTRY_LOG_FORMAT": "json",
}


class Control:
    """The file that preload.c maps."""

    def __init__(self, folder, name):
        self.path = str(folder / name)
        with open(self.path, "wb") as file:
            file.write(bytes(16))
        os.chmod(self.path, 0o644)  # PostgreSQL runs as a user of its own.
        with open(self.path, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), 16)

    def set(self, clock_step=0.0, disk_is_full=False):
        self._map[:12] = struct.pack("<qi", int(clock_step * 1e9), disk_is_full)

    def environment(self, library):
        return {"LD_PRELOAD": library, "FAULT_CONTROL": self.path}


class Node:
    """One `serve` process that reaches each server through a relay of its own."""

    def __init__(self, environment, control, library):
        self.relays = {}
        environment = {**environment, **ENVIRONMENT, **control.environment(library)}
        for server, variable in (("store", "HOOKSENTRY_DATABASE_URL"), ("broker", "HOOKSENTRY_AMQP_URL")):
            port = int(re.search(r":(\d+)/", environment[variable]).group(1))
            self.relays[server] = Relay(port)
            environment[variable] = environment[variable].replace(f":{port}/", f":{self.relays[server].port}/")
        self.control = control
        self.server = Server(environment, name="chaos-node")
        self.is_frozen = False

    @property
    def is_up(self):
        return self.server.process is not None and self.server.process.poll() is None

    def freeze(self):
        if self.is_up:
            self.server.process.send_signal(signal.SIGSTOP)
            self.is_frozen = True

    def thaw(self):
        if self.is_frozen:
            self.server.process.send_signal(signal.SIGCONT)
            self.is_frozen = False

    def kill(self):
        self.thaw()
        if self.is_up:
            self.server.kill()

    def stop(self):
        self.thaw()
        if self.is_up:
            self.server.stop()

    def start(self):
        if not self.is_up:
            self.server.start(ready=False)

    def close(self):
        self.thaw()
        for relay in self.relays.values():
            relay.heal()
        self.server.close()
        for relay in self.relays.values():
            relay.close()


class Destination:
    """A path of the receiver that can turn bad; remembers every request with the answer it got."""

    def __init__(self, receiver, path):
        self.path = path
        self.url = receiver.on(path, self._behave)
        self.mood = "good"
        self.seen = []  # (moment, sequence number, event id, body, status; 0 for none)
        self._healed = threading.Event()

    def turn(self, mood):
        self.mood = mood
        if mood == "good":
            self._healed.set()
        else:
            self._healed.clear()

    def _behave(self, request):
        mood, reply = self.mood, Reply(200)
        if mood == "broken":
            reply = Reply(500)
        elif mood == "hanging":
            self._healed.wait(30)
            reply = None
        elif mood == "resetting":
            reply = None
        sequence = int(re.search(rb'"seq":\s*(\d+)', request.body).group(1))
        self.seen.append((time.monotonic(), sequence, request.headers.get("webhook-id"), request.body,
                          reply.status if reply else 0))
        return reply


class Servers:
    """PostgreSQL and RabbitMQ for any number of runs, one after the other, and the library that breaks them."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hooksentry-chaos."))
        os.chmod(self.folder, 0o755)
        self.library = str(self.folder / "preload.so")
        subprocess.run(["cc", "-std=gnu11", "-O1", "-Wall", "-Wextra", "-fPIC", "-shared",
                        "-o", self.library, str(HERE / "preload.c"), "-ldl"], check=True)
        self.control = Control(self.folder, "postgres.control")
        os.environ["POSTGRES_PRELOAD"] = " ".join(
            f"{name}={value}" for name, value in self.control.environment(self.library).items())
        self.services = Services.private()
        migrate(self.services.default_environment())

    def close(self):
        self.control.set()
        self.services.close()
        subprocess.run(["rm", "-rf", str(self.folder)], check=True)


class World:
    """The parts of one run. `begin` and `end` do and undo a fault; `heal` undoes all."""

    def __init__(self, plan, servers):
        self.servers = servers
        environment = servers.services.default_environment()
        self.nodes = [
            Node(environment, Control(servers.folder, f"{plan.seed}-{number}.control"), servers.library)
            for number in range(plan.nodes)]
        self.receiver = Receiver()
        self.destinations = [Destination(self.receiver, f"/{number}") for number in range(4)]

    def start(self):
        for node in self.nodes:
            node.server.start()

    def begin(self, fault):
        action, _, what = fault.kind.partition(" ")
        node = self.nodes[fault.target % len(self.nodes)]
        # The last destination stays good, so that something is always delivered.
        destination = self.destinations[fault.target % (len(self.destinations) - 1)]
        command = self.servers.services.command
        match fault.kind:
            case "kill node": node.kill()
            case "restart node": node.stop()
            case "freeze node": node.freeze()
            case "step node clock": node.control.set(clock_step=fault.amount)
            case "step store clock": self.servers.control.set(clock_step=fault.amount)
            case "fill disk": self.servers.control.set(disk_is_full=True)
            case "restart postgres": command("stop", "postgres")
            case "crash postgres": command("stop", "postgres", "--now")
            case "restart rabbitmq": command("stop", "rabbitmq")
            case "kill rabbitmq": command("stop", "rabbitmq", "--now")
            case "wipe rabbitmq": command("wipe", "rabbitmq")
            case "break destination": destination.turn("broken")
            case "hang destination": destination.turn("hanging")
            case "reset destination": destination.turn("resetting")
            case _ if action == "cut": node.relays[what].cut()
            case _ if action == "silence": node.relays[what].silence()
            case _ if action == "delay": node.relays[what].delay = fault.amount
            case _: raise ValueError(f"nobody knows how to {fault.kind}")

    def end(self, fault):
        action, _, what = fault.kind.partition(" ")
        node = self.nodes[fault.target % len(self.nodes)]
        destination = self.destinations[fault.target % (len(self.destinations) - 1)]
        match what:
            case "node" if action in ("kill", "restart"): node.start()
            case "node": node.thaw()
            case "node clock": node.control.set()
            case "store clock" | "disk": self.servers.control.set()
            case "postgres" | "rabbitmq": self.servers.services.command("start", what)
            case "destination": destination.turn("good")
            case "store" | "broker": node.relays[what].heal()

    def heal(self):
        self.servers.control.set()
        # A server that lost its disk's room in the middle of a write may be recovering or gone.
        for server in ("postgres", "rabbitmq"):
            self.servers.services.command("start", server)
        for destination in self.destinations:
            destination.turn("good")
        for node in self.nodes:
            node.control.set()
            for relay in node.relays.values():
                relay.heal()
            node.thaw()
            node.start()

    def close(self):
        self.heal()
        for node in self.nodes:
            node.close()
        self.receiver.close()
