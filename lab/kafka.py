"""One Kafka node that is broker and controller (KRaft)."""

from __future__ import annotations

import base64
import socket
import struct
import subprocess
import uuid
from pathlib import Path

from lab import jvm
from lab.errors import LabError
from lab.service import Service
from lab.tools import environment

_HEAP_MB = 512
_API_VERSIONS = 18


class Kafka(Service):
    name = "kafka"

    def launch(self) -> int:
        config = self._config()
        self._format(config)
        return self._spawn(jvm.command(self.tools, _HEAP_MB, "kafka.Kafka", str(config)), environment())

    def ready(self) -> bool:
        """The broker opens its port early, but answers requests only once it has joined its controller."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.settimeout(2)
                return _answers_api_versions(connection)
        except OSError:
            return False

    def _config(self) -> Path:
        controller = self.state.port("kafka-controller")
        one_node = {
            f"{topic}.{setting}": 1
            for topic in ("transaction.state.log", "share.coordinator.state.topic")
            for setting in ("replication.factor", "min.isr")
        }
        settings = {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.port}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": self._data(),
            **one_node,
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 4,
            "transaction.state.log.num.partitions": 4,
            # As clusters in production have it: a topic is there because somebody made it.
            "auto.create.topics.enable": "false",
            # A group's first member need not wait for more, and a dead member is noticed soon.
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 1000,
            "num.network.threads": 2,
            "num.io.threads": 4,
            "background.threads": 2,
            "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
        }
        return self.state.write_config("kafka.properties", jvm.properties(settings))

    def _data(self) -> Path:
        return self.state.data("kafka")

    def _format(self, config: Path) -> None:
        if (self._data() / "meta.properties").exists():
            return
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if cluster_id.startswith("-"):  # the tool would take it for an option
            cluster_id = "A" + cluster_id[1:]
        tool = jvm.command(self.tools, 128, "kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(config))
        done = subprocess.run(tool, capture_output=True, text=True, env=environment())
        if done.returncode != 0:
            raise LabError(f"Kafka's storage could not be formatted: {(done.stderr or done.stdout).strip()}")


def _answers_api_versions(connection: socket.socket) -> bool:
    correlation = 7
    request = struct.pack(">hhih", _API_VERSIONS, 0, correlation, -1)
    connection.sendall(struct.pack(">i", len(request)) + request)
    answer = b""
    while len(answer) < 10:  # length, correlation id, error code
        part = connection.recv(4096)
        if not part:
            return False
        answer += part
    _, echoed, error = struct.unpack(">iih", answer[:10])
    return echoed == correlation and error == 0
