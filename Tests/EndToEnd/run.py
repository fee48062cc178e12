#!/usr/bin/env python3
"""Runs the end-to-end tests against the built binary; writes a JUnit-style report.

    python3 Tests/EndToEnd/run.py [--hooksentry PATH] [--report FILE] [NAME...]

NAME selects tests whose id contains it (test_retries, BreakerTest, a_dead_port). The shared servers are the
instance in RUN_DIR if there is one, else a private one that ends with the run.
"""
import argparse
import os
import pathlib
import sys
import time
import unittest
import xml.etree.ElementTree as ElementTree

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))


class Result(unittest.TextTestResult):
    """Keeps what the report needs: every test with its seconds and what went wrong."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.report = ElementTree.Element("testsuite", name="EndToEnd")

    def _note(self, test, tag=None, text=""):
        seconds = time.monotonic() - getattr(self, "_began", time.monotonic())
        group, _, name = test.id().rpartition(".")
        case = ElementTree.SubElement(self.report, "testcase", classname=group, name=name, time=f"{seconds:.3f}")
        if tag:
            ElementTree.SubElement(case, tag, message=text.strip().splitlines()[-1] if text else "").text = text

    def startTest(self, test):
        self._began = time.monotonic()
        super().startTest(test)

    def addSuccess(self, test):
        super().addSuccess(test)
        self._note(test)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._note(test, "failure", self._exc_info_to_string(error, test))

    def addError(self, test, error):
        super().addError(test, error)
        self._note(test, "error", self._exc_info_to_string(error, test))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._note(test, "skipped", reason)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self._note(subtest, "failure", self._exc_info_to_string(error, test))


def look_for_secrets(report):
    """Adds a test of its own to the report: no log and no metric of the run has a secret in it."""
    from support import secrets
    count, findings = secrets.report()
    case = ElementTree.SubElement(report, "testcase", classname="EndToEnd", name="no_secret_is_in_a_log", time="0")
    if findings:
        ElementTree.SubElement(case, "failure", message=findings[0]).text = "\n".join(findings)
    print(f"secrets: {count} looked for in every log and in the metrics, {len(findings)} found", *findings,
          sep="\n    ", file=sys.stderr)
    return not findings


def flatten(suite):
    for test in suite:
        yield from flatten(test) if isinstance(test, unittest.TestSuite) else [test]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hooksentry", default=os.environ.get("HOOKSENTRY_BINARY"))
    parser.add_argument("--report")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()

    from support.services import ROOT, Services
    binary = pathlib.Path(options.hooksentry or ROOT / ".build" / "debug" / "hooksentry").resolve()
    if not os.access(binary, os.X_OK):
        sys.exit(f"{binary} is not there; build it with: swift build")
    os.environ["HOOKSENTRY_BINARY"] = str(binary)

    own = None
    if not os.path.exists(os.path.join(os.environ.get("RUN_DIR", "/nowhere"), "settings")):
        own = Services.private()
        os.environ["RUN_DIR"] = own.run_dir
    try:
        found = unittest.defaultTestLoader.discover(str(HERE), top_level_dir=str(HERE))
        suite = unittest.TestSuite(
            test for test in flatten(found) if not options.names or any(name in test.id() for name in options.names))
        result = unittest.TextTestRunner(verbosity=2, resultclass=Result).run(suite)
        slow = sorted(result.report, key=lambda case: -float(case.get("time")))[:5]
        print("slowest:", ", ".join(f"{case.get('name')} {float(case.get('time')):.0f} s" for case in slow),
              file=sys.stderr)
        is_tight = look_for_secrets(result.report)
        if options.report:
            ElementTree.ElementTree(result.report).write(options.report, encoding="utf-8", xml_declaration=True)
    finally:
        if own:
            own.close()
    sys.exit(0 if result.wasSuccessful() and is_tight else 1)


if __name__ == "__main__":
    main()
