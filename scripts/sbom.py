"""Writes what a build of the program is made of, as CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/).

usage: sbom.py BINARY OUTPUT

The libraries are those that the loader finds for the binary, by the Debian packages that own them; libraries of headers
and static ones leave no trace in it and are named here; the web page's packages are those of web/package-lock.json that are not only
for development. The same build gives the same file.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
COMPILED_IN = ("libboost1.81-dev", "libcli11-dev", "libsqlitecpp-dev", "nlohmann-json3-dev")
Component = dict[str, Any]


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _libraries(binary: Path) -> list[str]:
    return sorted({found for line in _output("ldd", str(binary)).splitlines() if (found := _path_in(line))})


def _path_in(line: str) -> str:
    """The file in a line of ldd; the kernel's own has none."""
    match = re.search(r"(?:=> )?(/\S+) \(0x", line)
    return str(Path(match[1]).resolve()) if match else ""


def _owner(library: str) -> str:
    """Debian moved /lib into /usr/lib; a package may know its file by either name."""
    names = [library, library.removeprefix("/usr")]
    for name in names:
        done = subprocess.run(["dpkg-query", "-S", name], check=False, capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.split(":")[0]
    raise SystemExit(f"no Debian package owns {library}")


def _debian(package: str) -> Component:
    version, architecture = _output("dpkg-query", "-W", "-f=${Version} ${Architecture}", package).split()
    return {
        "type": "library",
        "bom-ref": f"deb:{package}",
        "name": package,
        "version": version,
        "purl": f"pkg:deb/debian/{package}@{version}?arch={architecture}&distro=debian-12",
    }


def _npm() -> list[Component]:
    packages = json.loads((ROOT / "web/package-lock.json").read_text())["packages"]
    components: dict[str, Component] = {}
    for place, package in packages.items():
        if not place or package.get("dev") or package.get("devOptional"):
            continue
        name = place.rpartition("node_modules/")[2]
        component: Component = {
            "type": "library",
            "bom-ref": f"npm:{name}@{package['version']}",
            "name": name,
            "version": package["version"],
            "purl": f"pkg:npm/{name.replace('@', '%40')}@{package['version']}",
        }
        if license_name := package.get("license"):
            component["licenses"] = [{"expression": license_name}]
        components[component["bom-ref"]] = component
    return [components[reference] for reference in sorted(components)]


def _version() -> str:
    return re.search(r"project\(millrace VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text())[1]


def document(binary: Path) -> Component:
    packages = {_owner(library) for library in _libraries(binary)} | set(COMPILED_IN)
    components = [_debian(package) for package in sorted(packages)] + _npm()
    subject = {"type": "application", "bom-ref": "millrace", "name": "millrace", "version": _version()}
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(components, sort_keys=True))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": subject},
        "components": components,
        "dependencies": [{"ref": "millrace", "dependsOn": [component["bom-ref"] for component in components]}],
    }


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    Path(sys.argv[2]).write_text(json.dumps(document(Path(sys.argv[1])), indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
