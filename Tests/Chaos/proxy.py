"""A TCP relay between a node and one of its servers, which can be cut, fall silent or be slow."""
import socket
import threading

from support.conditions import pause
from support.listener import Listener

CHUNK = 1 << 16


class Relay:
    """Listens on a port of its own and forwards to 127.0.0.1:upstream."""

    def __init__(self, upstream):
        self.upstream = upstream
        self.delay = 0.0  #: Seconds that every piece of data waits, each way.
        self._open = threading.Event()  # cleared while nothing may pass
        self._open.set()
        self._is_cut = False
        self._sockets = set()
        self._lock = threading.Lock()
        self._listener = Listener(self._connect)
        self.port = self._listener.port

    def cut(self):
        """Every connection breaks; new ones end at once."""
        self._is_cut = True
        self._break()

    def silence(self):
        """Nothing arrives any more on either side, and nobody is told: a pulled cable."""
        self._open.clear()

    def heal(self):
        """What fell silent goes on where it stopped."""
        self.delay = 0.0
        self._is_cut = False
        self._open.set()

    def close(self):
        self._listener.close()
        self.heal()
        self._break()

    def _break(self):
        with self._lock:
            sockets = list(self._sockets)
        for each in sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _connect(self, client):
        self._open.wait()
        try:
            if self._is_cut:
                raise ConnectionError
            server = socket.create_connection(("127.0.0.1", self.upstream), timeout=5)
            server.settimeout(None)
        except OSError:
            client.close()
            return
        with self._lock:
            self._sockets |= {client, server}
        for each in (client, server):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        back = threading.Thread(target=self._forward, args=(server, client), daemon=True)
        back.start()
        self._forward(client, server)
        back.join()
        with self._lock:
            self._sockets -= {client, server}
        client.close()
        server.close()

    def _forward(self, source, sink):
        try:
            while data := source.recv(CHUNK):
                if self.delay:
                    pause(self.delay)
                self._open.wait()
                sink.sendall(data)
        except OSError:
            pass
        for each in (source, sink):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
