"""The environment as Django settings. Every REYNARD_* variable is explained in docs/settings.md."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from reynard import environment

MIB = 1024 * 1024

REYNARD_DATA_DIR = environment.folder("REYNARD_DATA_DIR", "./var")
REYNARD_BASE_URL = environment.base_url("REYNARD_BASE_URL")
REYNARD_PATH_PREFIX = urlsplit(REYNARD_BASE_URL).path
REYNARD_THROTTLE_READS_PER_MINUTE = environment.whole_number("REYNARD_THROTTLE_READS_PER_MINUTE", 6000)
REYNARD_THROTTLE_WRITES_PER_MINUTE = environment.whole_number("REYNARD_THROTTLE_WRITES_PER_MINUTE", 3000)
REYNARD_SQLITE_SYNCHRONOUS = environment.one_of("REYNARD_SQLITE_SYNCHRONOUS", "FULL", ("FULL", "NORMAL"))
REYNARD_CONTACT_RESET = environment.boolean("REYNARD_CONTACT_RESET", True)
REYNARD_TICKET_CACHE_MIB = environment.whole_number("REYNARD_TICKET_CACHE_MIB", 16)
REYNARD_ENFORCE_PERMISSIONS = environment.boolean("REYNARD_ENFORCE_PERMISSIONS", False)
REYNARD_ACKNOWLEDGE_TICKETS = environment.boolean("REYNARD_ACKNOWLEDGE_TICKETS", False)
REYNARD_NOTIFY_CATEGORY_STAFF = environment.boolean("REYNARD_NOTIFY_CATEGORY_STAFF", False)
REYNARD_OUTBOX_DAYS = environment.whole_number("REYNARD_OUTBOX_DAYS", 3, minimum=1)
REYNARD_OUTBOX_KEEP_DAYS = environment.whole_number("REYNARD_OUTBOX_KEEP_DAYS", 365, minimum=1)

REDIS_URL = environment.redis_url("REDIS_URL")

ATTACHMENTS_LIMIT_BYTES = 25 * MIB  # protocol.md P-06: the larger reading of "25 MB"
BODY_LIMIT_BYTES = 10 * MIB  # of a JSON, YAML or form body, which is held in memory
ATTACHMENT_ADDRESS_SECONDS = 5 * 60  # tickets.md §1.4
INLINE_UPLOAD_HOURS = 24  # tickets.md §8
IDEMPOTENCY_HOURS = 24  # observed.md §2


def _secret_key(folder: Path) -> str:
    """The key from the environment, or one made once and kept in the data folder (readable by its owner)."""
    given = environment.text("REYNARD_SECRET_KEY")
    if given:
        if len(given) < 32:
            raise environment.BadSetting("REYNARD_SECRET_KEY must have at least 32 characters.")
        return given
    path = folder / "secret_key"
    if not path.exists():
        fresh = folder / f".secret_key.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)  # fails when another process was first, so all agree on one key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()


SECRET_KEY = _secret_key(REYNARD_DATA_DIR)

DEBUG = False
ALLOWED_HOSTS = ["*"]  # the address in answers comes from REYNARD_BASE_URL, or from the request when it is not set
ROOT_URLCONF = "reynard.urls"
WORKER_JOBS = "reynard.jobs.JOBS"
APPEND_SLASH = False  # both spellings of a path are served, nothing is redirected (protocol.md P-14)
MIDDLEWARE: list[str] = []
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "reynard.desk",
    "reynard.ops",
]
AUTH_USER_MODEL = "desk.Staff"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LANGUAGE_CODE = "en"

_postgres = environment.postgres_settings("DATABASE_URL")
if _postgres:
    _postgres |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False}
    _postgres["OPTIONS"] |= {"prepare_threshold": 1, "application_name": "reynard"}  # type: ignore[operator]
    DATABASES = {"default": _postgres}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": REYNARD_DATA_DIR / "desk.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                # A deferred transaction that writes after it read is refused at once when another writer
                # committed in between, whatever the timeout; IMMEDIATE waits its turn.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "detect_types": 0,
                "init_command": (
                    "PRAGMA journal_mode=WAL;"
                    f"PRAGMA synchronous={REYNARD_SQLITE_SYNCHRONOUS};"
                    "PRAGMA cache_size=-16000;"
                    "PRAGMA temp_store=MEMORY;"
                    "PRAGMA wal_autocheckpoint=4000;"
                ),
            },
        }
    }

STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": REYNARD_DATA_DIR / "files", "base_url": None},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
FILE_UPLOAD_TEMP_DIR = str(environment.folder("", str(REYNARD_DATA_DIR / "uploads")))
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]  # moved into place, not copied
DATA_UPLOAD_MAX_MEMORY_SIZE = BODY_LIMIT_BYTES
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 100

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django": {"level": "WARNING"}, "django.request": {"level": "ERROR"}},
}
