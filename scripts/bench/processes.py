"""What processes cost, from /proc: CPU with that of their children, dead or alive, and memory."""
import collections
import os
import pathlib

TICKS = os.sysconf("SC_CLK_TCK")


def _stat(pid):
    """The fields of /proc/PID/stat after the program's name, which may hold anything."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _with_children(pid):
    found = [pid]
    for children in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):  # Each thread has its own.
        for child in children.read_text().split():
            try:
                found += _with_children(int(child))
            except FileNotFoundError:
                pass  # It ended meanwhile; its CPU is in its parent's account by then.
    return found


def processes(hooksentry):
    """The processes to watch by name: the platform's and the two servers' of the instance in RUN_DIR."""
    run_dir = pathlib.Path(os.environ["RUN_DIR"])
    servers = {name: int((run_dir / f"{name}.pid").read_text().split()[0]) for name in ("postgres", "rabbitmq")}
    return {"hooksentry": hooksentry, **servers}


class Usage(collections.namedtuple("Usage", "cpu_seconds memory_mb")):
    @classmethod
    def of(cls, pid):
        ticks = kilobytes = 0
        for member in _with_children(pid):
            try:
                fields = _stat(member)
                smaps = pathlib.Path(f"/proc/{member}/smaps_rollup").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            # Fields 14 to 17: utime, stime, and the same of children that ended and were waited for.
            ticks += sum(int(value) for value in fields[11:15])
            kilobytes += next(int(line.split()[1]) for line in smaps.splitlines() if line.startswith("Pss:"))
        return cls(ticks / TICKS, kilobytes / 1024)

    def __sub__(self, earlier):
        return Usage(self.cpu_seconds - earlier.cpu_seconds, self.memory_mb)
