"""Kafka Connect in distributed mode with Debezium's PostgreSQL source and JDBC sink."""

from __future__ import annotations

import urllib.error
import urllib.request

from lab import jvm
from lab.service import Service
from lab.state import LabState
from lab.tools import Tools, environment

_HEAP_MB = 768
_JSON = "org.apache.kafka.connect.json.JsonConverter"
_PROVIDERS = "org.apache.kafka.common.config.provider"
# Only these variables of the worker can be read through ${env:..}.
SECRET_VARIABLES = "MILLRACE_SECRET_"


class Connect(Service):
    name = "connect"
    ready_seconds = 120.0

    def __init__(self, state: LabState, tools: Tools, wanted_port: int | None, broker: Service) -> None:
        super().__init__(state, tools, wanted_port)
        self._broker = broker

    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def launch(self) -> int:
        config = self.state.write_config("connect.properties", jvm.properties(self._settings()))
        main = "org.apache.kafka.connect.cli.ConnectDistributed"
        env = {**environment(), **self._offer_secrets()}
        return self._spawn(jvm.command(self.tools, _HEAP_MB, main, str(config)), env)

    def ready(self) -> bool:
        # Loopback: whatever proxy the shell names is not asked.
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(f"{self.address()}/health", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def _offer_secrets(self) -> dict[str, str]:
        """The pipeline's two passwords, for each of the three providers."""
        known = {"source_password": "pg_source", "target_password": "sqlserver"}
        values = {name: self.state.password(key) for name, key in known.items()}
        for name, value in values.items():
            self.state.write_secret(name, value)
        self.state.write_secret("lab.properties", jvm.properties(values))
        return {f"{SECRET_VARIABLES}{name.upper()}": value for name, value in values.items()}

    def _settings(self) -> dict[str, object]:
        topics = {
            f"{kind}.storage.{setting}": value
            for kind in ("config", "offset", "status")
            for setting, value in (("topic", f"connect-{kind}s"), ("replication.factor", 1))
        }
        return {
            "bootstrap.servers": self._broker.address(),
            "group.id": "millrace-lab",
            "listeners": self.address(),
            "plugin.path": self.tools.connect_plugins(),
            # Every plugin of the lab declares itself, so the slow search through all classes is not needed.
            "plugin.discovery": "service_load",
            **topics,
            "offset.storage.partitions": 5,
            "status.storage.partitions": 1,
            "key.converter": _JSON,
            "value.converter": _JSON,
            "connector.client.config.override.policy": "All",
            "config.providers": "file,env,dir",
            "config.providers.file.class": f"{_PROVIDERS}.FileConfigProvider",
            "config.providers.file.param.allowed.paths": self.state.connect_secrets,
            "config.providers.env.class": f"{_PROVIDERS}.EnvVarConfigProvider",
            "config.providers.env.param.allowlist.pattern": f"^{SECRET_VARIABLES}.*",
            "config.providers.dir.class": f"{_PROVIDERS}.DirectoryConfigProvider",
            "config.providers.dir.param.allowed.paths": self.state.connect_secrets,
            "offset.flush.interval.ms": 1000,
            # A killed worker, and the sinks it ran, are missed after seconds instead of minutes.
            "session.timeout.ms": 6000,
            "heartbeat.interval.ms": 1000,
            "rebalance.timeout.ms": 15000,
            "scheduled.rebalance.max.delay.ms": 0,
            "consumer.session.timeout.ms": 6000,
            "consumer.heartbeat.interval.ms": 1000,
            # A topic that is made after its sink is found soon.
            "consumer.metadata.max.age.ms": 5000,
        }
