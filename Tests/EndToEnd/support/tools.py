"""The checking tools from PyPI, in an environment of their own that is kept between runs."""
import hashlib
import pathlib
import shutil
import subprocess
import sys

from .services import ROOT

REQUIREMENTS = ROOT / "Tests" / "EndToEnd" / "contract" / "requirements.txt"
FOLDER = ROOT / ".venv"


def tool(name):
    """The path of a program of the environment, which is made first if it is missing or of other requirements."""
    stamp = FOLDER / "made-from"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(FOLDER, ignore_errors=True)
        run(sys.executable, "-m", "venv", FOLDER)
        run(FOLDER / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS)
        stamp.write_text(wanted)
    return pathlib.Path(FOLDER, "bin", name)


def run(*command):
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, timeout=600)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {result.returncode}:\n{result.stdout}")
