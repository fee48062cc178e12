"""The private PostgreSQL and RabbitMQ of a test run, by way of scripts/services."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]


class Services:
    """One instance of both servers, in its own folder."""

    def __init__(self, run_dir, **variables):
        self.run_dir = str(run_dir)
        self._variables = variables
        self._owned = False

    @classmethod
    def private(cls, **variables):
        """A fresh instance that nobody else uses; `close` removes it. variables: for scripts/services."""
        services = cls(tempfile.mkdtemp(prefix="hooksentry-faults."), **variables)
        services._owned = True
        try:
            services.command("up")
        except BaseException:
            services.close()
            raise
        return services

    def close(self):
        if self._owned:
            self.command("wipe")
            shutil.rmtree(self.run_dir, ignore_errors=True)

    def command(self, *arguments):
        result = subprocess.run(
            [str(ROOT / "scripts" / "services"), *arguments],
            env={**os.environ, **self._variables, "RUN_DIR": self.run_dir},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240)
        if result.returncode != 0:
            raise RuntimeError(f"scripts/services {' '.join(arguments)}: {result.stdout}")
        return result.stdout

    def environment(self, name):
        """The HOOKSENTRY_… variables for a database and a virtual host of this name, both made here."""
        self.command("psql", "-qc", f'create database "{name}"')
        self.command("rabbitmqctl", "-q", "add_vhost", name)
        self.command("rabbitmqctl", "-q", "set_permissions", "-p", name, "guest", ".*", ".*", ".*")
        variables = dict(re.findall(r"^export (\w+)='(.*)'$", self.command("env"), re.M))
        variables["HOOKSENTRY_DATABASE_URL"] = re.sub(r"/\w+$", f"/{name}", variables["HOOKSENTRY_DATABASE_URL"])
        variables["HOOKSENTRY_AMQP_URL"] = re.sub(r"/[^/]+$", f"/{name}", variables["HOOKSENTRY_AMQP_URL"])
        return variables

    def default_environment(self):
        """The variables for the instance's own database and virtual host (`/`, which a wipe brings back)."""
        return dict(re.findall(r"^export (\w+)='(.*)'$", self.command("env"), re.M))
