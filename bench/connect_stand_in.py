"""Answers what the server asks a Kafka Connect cluster about connectors that run: two thousand real ones need tens of
gigabytes. All of them run, always; every request is counted."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class ConnectStandIn:
    def __init__(self, connectors: Sequence[str]) -> None:
        statuses = {name: _status(name) for name in connectors}
        everything = json.dumps({name: {"status": status} for name, status in statuses.items()}).encode()
        self.requests: Counter[str] = Counter()
        requests, lock = self.requests, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # As a worker's server has it: else the body waits for the acknowledgement of the headers, 40 ms.
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                path = self.path.split("?")[0]
                parts = path.strip("/").split("/")
                with lock:
                    requests["/connectors?expand=status" if path == "/connectors" else "one connector"] += 1
                if path == "/connectors":
                    self._answer(everything)
                elif len(parts) == 3 and parts[0] == "connectors" and parts[1] in statuses and parts[2] == "status":
                    self._answer(json.dumps(statuses[parts[1]]).encode())
                else:
                    self._answer(b'{"error_code": 404, "message": "not found"}', 404)

            def _answer(self, body: bytes, status: int = 200) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _status(name: str) -> dict[str, Any]:
    worker = "10.0.0.1:8083"
    return {
        "name": name,
        "connector": {"state": "RUNNING", "worker_id": worker},
        "tasks": [{"id": 0, "state": "RUNNING", "worker_id": worker}],
        "type": "source" if name.endswith("-source") else "sink",
    }
