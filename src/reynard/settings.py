"""The environment as Django settings. Every REYNARD_* variable is explained in docs/settings.md."""

import hashlib
import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from reynard import environment, logs

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
REYNARD_SMTP_URL = environment.smtp_server("REYNARD_SMTP_URL")
REYNARD_SMTP_MESSAGES_PER_CONNECTION = environment.whole_number("REYNARD_SMTP_MESSAGES_PER_CONNECTION", 100, minimum=1)
REYNARD_SMTP_MESSAGES_PER_MINUTE = environment.whole_number("REYNARD_SMTP_MESSAGES_PER_MINUTE", 0)
REYNARD_OUTBOX_DAYS = environment.whole_number("REYNARD_OUTBOX_DAYS", 3, minimum=1)
REYNARD_OUTBOX_KEEP_DAYS = environment.whole_number("REYNARD_OUTBOX_KEEP_DAYS", 365, minimum=1)
REYNARD_DESK_NAME = environment.text("REYNARD_DESK_NAME", "Reynard")
REYNARD_OIDC_ISSUER = environment.base_url("REYNARD_OIDC_ISSUER")
REYNARD_OIDC_CLIENT_ID = environment.text("REYNARD_OIDC_CLIENT_ID")
REYNARD_OIDC_CLIENT_SECRET = environment.text("REYNARD_OIDC_CLIENT_SECRET")
REYNARD_OIDC_NAME = environment.text("REYNARD_OIDC_NAME", "single sign-on")
if REYNARD_OIDC_ISSUER and not (REYNARD_OIDC_CLIENT_ID and REYNARD_OIDC_CLIENT_SECRET):
    raise environment.BadSetting("REYNARD_OIDC_ISSUER needs REYNARD_OIDC_CLIENT_ID and REYNARD_OIDC_CLIENT_SECRET.")
REYNARD_WEBHOOK_ALLOW_INTERNAL = environment.boolean("REYNARD_WEBHOOK_ALLOW_INTERNAL", False)
REYNARD_WEBHOOK_KEEP_DAYS = environment.whole_number("REYNARD_WEBHOOK_KEEP_DAYS", 30, minimum=1)

REYNARD_MAIL_FROM = environment.mail_address("REYNARD_MAIL_FROM")
REYNARD_MAIL_PLUS_ADDRESSING = environment.boolean("REYNARD_MAIL_PLUS_ADDRESSING", True)
REYNARD_MAIL_ATTACHMENTS_MIB = environment.whole_number("REYNARD_MAIL_ATTACHMENTS_MIB", 15)
REYNARD_MAIL_LINK_DAYS = environment.whole_number("REYNARD_MAIL_LINK_DAYS", 30, minimum=1)
REYNARD_MAIL_CONTACT_HOURLY = environment.whole_number("REYNARD_MAIL_CONTACT_HOURLY", 20)
REYNARD_MAIL_CONTACT_DAILY = environment.whole_number("REYNARD_MAIL_CONTACT_DAILY", 100)
REYNARD_MAIL_STAFF_HOURLY = environment.whole_number("REYNARD_MAIL_STAFF_HOURLY", 2000)
REYNARD_MAIL_TICKET_DAILY = environment.whole_number("REYNARD_MAIL_TICKET_DAILY", 100)
REYNARD_MAIL_IN_TICKET_HOURLY = environment.whole_number("REYNARD_MAIL_IN_TICKET_HOURLY", 60)
REYNARD_MAIL_IN_AUTOMATIC_HOURLY = environment.whole_number("REYNARD_MAIL_IN_AUTOMATIC_HOURLY", 100)

REYNARD_IMAP_IDLE = environment.boolean("REYNARD_IMAP_IDLE", True)
REYNARD_IMAP_POLL_SECONDS = environment.whole_number("REYNARD_IMAP_POLL_SECONDS", 30, minimum=1)

REDIS_URL = environment.redis_url("REDIS_URL")
REYNARD_LOG_FORMAT = environment.one_of("REYNARD_LOG_FORMAT", "line", ("line", "json"))
REYNARD_METRICS = environment.boolean("REYNARD_METRICS", True)
REYNARD_METRICS_TOKEN = environment.text("REYNARD_METRICS_TOKEN")
REYNARD_LOG_REQUESTS = environment.boolean("REYNARD_LOG_REQUESTS", REYNARD_LOG_FORMAT == "json")

ATTACHMENTS_LIMIT_BYTES = 25 * MIB  # protocol.md P-06: the larger reading of "25 MB"
MAIL_LIMIT_BYTES = 100 * MIB  # of larger mails only the beginning is kept
MAIL_BEGINNING_BYTES = MIB
MAIL_LISTENER_LIMIT_BYTES = 50 * MIB  # each is in memory while it is taken by network
BODY_LIMIT_BYTES = 10 * MIB  # of a JSON, YAML or form body, which is held in memory
ATTACHMENT_ADDRESS_SECONDS = 5 * 60  # tickets.md §1.4
INLINE_UPLOAD_HOURS = 24  # tickets.md §8
IDEMPOTENCY_HOURS = 24  # observed.md §2


def static_digest() -> str:
    """Changes when a static file of the pages does."""
    digest = hashlib.sha256()
    for path in sorted((Path(__file__).parent / "web" / "static").rglob("*.*")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def origin(address: str) -> str:
    """`https://desk.example.org` of any address there; "" of ""."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if address else ""


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
MIDDLEWARE = [
    "reynard.requests.Requests",
    "reynard.web.middleware.Pages",
    "allauth.account.middleware.AccountMiddleware",  # wants to stand here under its own name
]
INSTALLED_APPS = [
    "reynard.web",  # first: its templates stand in for those of the others
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "reynard.desk",
    "reynard.ops",
]
AUTH_USER_MODEL = "desk.Staff"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",  # of passwords set by earlier versions
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "reynard.web.context.desk",
            ],
            "builtins": ["reynard.web.templatetags.desk", "django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LANGUAGE_COOKIE_NAME = "language"
LOCALE_PATHS = [Path(__file__).parent / "locale"]

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
STATIC_URL = f"/static/{static_digest()}/"  # of what is in it: browsers keep it for good
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 365 * 24 * 3600

FILE_UPLOAD_TEMP_DIR = str(environment.folder("", str(REYNARD_DATA_DIR / "uploads")))
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]  # moved into place, not copied
DATA_UPLOAD_MAX_MEMORY_SIZE = BODY_LIMIT_BYTES
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 100

# --- pages

_IS_HTTPS = REYNARD_BASE_URL.startswith("https://")
CACHES = {
    # Counts failed sign-ins; shared by the processes of one machine, or of all by Redis.
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "desk"}
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": REYNARD_DATA_DIR / "cache",
    },
}
SESSION_COOKIE_AGE = 14 * 24 * 3600  # seconds
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _IS_HTTPS
SESSION_COOKIE_NAME = "reynard_session"
CSRF_COOKIE_NAME = "reynard_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [origin(REYNARD_BASE_URL)] if REYNARD_BASE_URL else []
CSRF_FAILURE_VIEW = "reynard.web.errors.forgery_suspected"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "frame-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'", *([origin(REYNARD_OIDC_ISSUER)] if REYNARD_OIDC_ISSUER else [])],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}

# Where links in mails lead, whatever host a request names; "" when nobody said where this desk is.
OWN_ORIGIN = origin(REYNARD_BASE_URL or environment.base_url(environment.LISTENING_ADDRESS))
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/inbox/"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "reynard.web.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # staff are added by administrators: nobody signs up
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = None  # asked on the page
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/m/ip,5/5m/key", "reset_password": "20/m/ip,5/h/key"}
PASSWORD_RESET_TIMEOUT = 24 * 3600  # seconds; a mail about an account is given up then, too
EMAIL_BACKEND = "reynard.web.account_mails.OutboxBackend"
ACCOUNT_FORMS = {"login": "reynard.web.accounts.LoginForm"}
MFA_ADAPTER = "reynard.web.accounts.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = REYNARD_DESK_NAME
SOCIALACCOUNT_ADAPTER = "reynard.web.accounts.SingleSignOnAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # who the provider has verified an address for, is the staff member of it
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": REYNARD_OIDC_NAME,
                "client_id": REYNARD_OIDC_CLIENT_ID,
                "secret": REYNARD_OIDC_CLIENT_SECRET,
                "settings": {"server_url": REYNARD_OIDC_ISSUER},
            }
        ]
        if REYNARD_OIDC_ISSUER
        else [],
    }
}
SILENCED_SYSTEM_CHECKS = [
    "admin.E408",  # the checks look for Django's own middleware classes, which stand inside ours
    "admin.E409",
    "admin.E410",
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "reynard.logs.LineFormatter"}, "json": {"()": "reynard.logs.JsonFormatter"}},
    "filters": {"without_address": {"()": lambda: logs.without_address}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": REYNARD_LOG_FORMAT,
            "filters": ["without_address"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "imapclient": {"level": "WARNING"},
    },
}
