"""The environments of what the project is compared with: packages that the project itself does not need."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path


def python_with(requirements: Path, folder: Path) -> Path:
    """The Python of an environment with these requirements, made beneath the folder when it is not there."""
    name = requirements.stem.removeprefix("requirements-")
    made_for = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    environment = folder / f"{name}-{made_for}"
    python = environment / "bin" / "python"
    if not (environment / "complete").exists():
        print(f"    installing {name}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", environment], check=True)
        options = ["--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
        command = [python, "-m", "pip", "install", *options, "--require-hashes", "--requirement", requirements]
        subprocess.run(command, check=True)
        (environment / "complete").touch()
    return python
