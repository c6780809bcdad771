"""hfox 1.0.0rc3 from PyPI, unmodified: the commands, with a desk's credentials."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.servers import RunningDesk


class Hfox:
    def __init__(self, desk: RunningDesk, home: Path) -> None:
        self.environment = {
            **os.environ,
            "HFOX_BASE_URL": f"{desk.url}/api/1.1/json",
            "HFOX_SUBDOMAIN": "rollwerk",  # asked for by its login, though the address above wins
            "HFOX_API_KEY": desk.api_key,
            "HFOX_AUTH_CODE": desk.auth_code,
            "HFOX_CONFIG_DIR": str(home),
            "NO_COLOR": "1",
        }

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "hfox", *arguments],
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )

    def read(self, *arguments: str) -> Any:
        """What a successful command prints, decoded."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)
