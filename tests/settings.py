"""Reynard's settings on a data folder that goes away, whatever the machine's environment says."""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="reynard-tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)

for _name in [name for name in os.environ if name.startswith("REYNARD_")]:
    del os.environ[_name]
os.environ.pop("REDIS_URL", None)
os.environ["REYNARD_DATA_DIR"] = _folder
os.environ["REYNARD_SQLITE_SYNCHRONOUS"] = "NORMAL"

from reynard.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
REYNARD_THROTTLE_READS_PER_MINUTE = 0
REYNARD_THROTTLE_WRITES_PER_MINUTE = 0
