"""A few plans of Tests/Chaos, so that the driver and the promises it checks are kept with every change."""
import os
import pathlib
import subprocess
import sys
import unittest

from support.scene import say

CHAOS = pathlib.Path(__file__).resolve().parents[1] / "Chaos" / "run.py"

#: Together: a killed, a restarted and a frozen node, a cut and a silent store, a crashed PostgreSQL, a full disk,
#: stepped clocks, a wiped broker and a broken destination; one to three nodes.
SEEDS = ["3", "6", "7", "52"]


class ChaosTest(unittest.TestCase):
    def test_promises_hold_over_fixed_seeds(self):
        result = subprocess.run(
            [sys.executable, str(CHAOS), "--hooksentry", os.environ["HOOKSENTRY_BINARY"], *SEEDS],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900)
        for line in result.stdout.splitlines():
            say(line[:160])
        self.assertEqual(result.returncode, 0, result.stdout)
