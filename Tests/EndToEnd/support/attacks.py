"""The library that does what its settings say, among other things crash: `Tests/FaultPlugins/attacks`."""
import os
import pathlib
import subprocess

from .services import ROOT

NAME = "Fault.attacks"
LIBRARY = "libAttacks.so"


def build_attacks(folder):
    library = os.path.join(folder, LIBRARY)
    subprocess.run(["cc", "-std=c11", "-w", "-fvisibility=hidden", "-fPIC", "-shared",
                    "-I", str(ROOT / "Sources/PluginAPI/include"), "-o", library,
                    str(ROOT / "Tests/FaultPlugins/attacks/plugin.c")], check=True)
    os.chmod(library, 0o644)


def doing(note):
    """A destination's transformers, of which the only one does this; without a note it behaves."""
    return [{"plugin": NAME, "settings": {"note": note} if note else {}}]


def crashes(server, signal_name="SIGSEGV"):
    """How often its process has ended so."""
    name = f'hooksentry_plugin_process_ends_total{{library="{LIBRARY}",reason="{signal_name}"}}'
    return int(server.metrics().get(name, 0))


def plugin_processes(server):
    """The children that hold the attacking library."""
    found = []
    for children in pathlib.Path(f"/proc/{server}/task").glob("*/children"):
        for child in children.read_text().split():
            words = pathlib.Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            if b"plugin-host" in words:
                found.append(int(child))
    return found
