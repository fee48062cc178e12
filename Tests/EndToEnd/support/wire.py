"""Requests as bytes, for what no HTTP library would send."""
import re
import socket

STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3}) [^\r\n]*\r\n")


def raw(port, request, patience=0):
    """Sends bytes as they are; all that comes until the server closes, perhaps nothing.

    patience: seconds of silence after which we say that nothing more will come from us either. A server may take
    that for a client that has left, and not answer what it has still to read.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=patience or 10) as connection:
        answer = b""
        try:
            connection.sendall(request)
            while patience and (part := receive(connection)) is not None:
                if not part:
                    return answer
                answer += part
            connection.settimeout(10)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                answer += part
        except OSError:  # closed while we were still sending; the answer may have come before
            pass
        return answer


def receive(connection):
    """What has come; None if nothing does for a while."""
    try:
        return connection.recv(65536)
    except TimeoutError:
        return None


def statuses(answer):
    """The status of every answer in the bytes of a connection. "100 Continue" is none."""
    found = []
    while start := STATUS_LINE.match(answer):
        head, _, rest = answer.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        answer = rest[int(length.group(1)):] if length else rest
        if start.group(1) != b"100":
            found.append(int(start.group(1)))
    return found
