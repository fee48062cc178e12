"""A listening socket whose end is exact."""
import socket
import threading


class Listener:
    """Hands each connection to `serve`, on a thread of its own."""

    def __init__(self, serve, host="127.0.0.1", port=0, family=socket.AF_INET):
        self._serve = serve
        self._socket = socket.create_server((host, port), family=family, backlog=512)
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def close(self):
        """Nothing is accepted any more. The thread ends before the socket does: the next listener gets the same
        descriptor, and a thread that still accepts on that number would take its connections."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()
