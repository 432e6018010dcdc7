"""`millrace serve` as it is started by a user, and what it uses."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from lab.tools import ROOT

BINARY = ROOT / "build/release/bin/millrace"
_START = 60.0


class Serving:
    def __init__(self, data_dir: Path, environment: Mapping[str, str], *options: str) -> None:
        password = secrets.token_urlsafe(16)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MILLRACE_")}
        self._process = subprocess.Popen(
            [str(BINARY), "serve", "--data-dir", str(data_dir), "--port", "0", *options],
            env={**kept, **environment, "MILLRACE_ADMIN_PASSWORD": password},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.url = ""
        self.headers: dict[str, str] = {}
        told = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(told,), daemon=True)
        self._reader.start()
        if not told.wait(_START) or not self.url:
            self.end()
            raise RuntimeError("millrace serve did not start")
        self._sign_in(password)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON. Raises RuntimeError with the answer for one that is none of success."""
        data = None if body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if data else {}
        request = Request(self.url + "/api/v1" + path, data, {**self.headers, **kind}, method=method)
        try:
            with urlopen(request, timeout=120) as answer:
                text = answer.read()
        except HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode()[:500]}") from error
        return json.loads(text) if text else None

    def text(self, path: str) -> str:
        with urlopen(Request(self.url + path, headers=self.headers), timeout=60) as answer:
            return answer.read().decode()

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # utime and stime, proc(5)

    def resident_mb(self) -> float:
        return self._status("VmRSS") / 1024

    def most_resident_mb(self) -> float:
        """Since it started."""
        return self._status("VmHWM") / 1024

    def threads(self) -> int:
        return self._status("Threads")

    def descriptors(self) -> int:
        return len(list(Path(f"/proc/{self._process.pid}/fd").iterdir()))

    def watch(self, seconds: float) -> dict[str, float]:
        """What it used while nobody but itself did anything."""
        cpu, begun = self.cpu_seconds(), time.monotonic()
        time.sleep(seconds)
        taken = time.monotonic() - begun
        return {
            "seconds": taken, "cpu_share": (self.cpu_seconds() - cpu) / taken, "rss_mb": self.resident_mb(),
            "threads": self.threads(), "descriptors": self.descriptors(),
        }  # fmt: skip

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()

    def _sign_in(self, password: str) -> None:
        body = json.dumps({"user": "admin", "password": password}).encode()
        request = Request(self.url + "/api/v1/auth/login", body, {"Content-Type": "application/json"})
        with urlopen(request, timeout=30) as answer:
            cookie = answer.headers["Set-Cookie"].split(";")[0]
            self.headers = {"Cookie": cookie, "X-CSRF-Token": json.loads(answer.read())["csrfToken"]}

    def _read(self, told: threading.Event) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if found := re.match(r"Listens on (\S+)", line):
                self.url = found[1]
                told.set()
        told.set()

    def _status(self, name: str) -> int:
        for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1])
        raise RuntimeError(f"no {name}")
