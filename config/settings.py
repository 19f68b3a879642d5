"""The one settings file. What an installation decides comes from the environment; see `.env.example`."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import sys
from typing import Any

from corsheaders.defaults import default_headers
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from config import env

BASE_DIR = env.BASE_DIR
DEBUG = env.flag("DEBUG")
DEMO = env.flag("DEMO")

# --- Addresses -------------------------------------------------------------------------------------------------

PORT = env.integer("PORT", 8080, minimum=1, maximum=65535)
PUBLIC_URL = env.site("PUBLIC_URL", f"http://localhost:{PORT}")
HTTPS = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = [
    "localhost",
    ".localhost",
    "127.0.0.1",
    "[::1]",
    env.host_of(PUBLIC_URL),
    *env.comma_separated("ALLOWED_HOSTS"),
]
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")

SESSION_ENGINE = "accounts.signing_in.session_store"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "config.site.pages.csrf_failure"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]  # browsers name its port in Origin, where a proxy may drop it from Host
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
# Other names under the same domain, and browsers' built-in lists, are for whoever runs the domain to decide on. Mail
# may be left out (HAS_MAIL).
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021", "mail.W001"]
SECURE_REFERRER_POLICY = "same-origin"
URLIZE_ASSUME_HTTPS = True  # of an address in a text that begins with www.
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}

# What /.well-known/security.txt says; without a contact it is not there.
SECURITY_CONTACT = env.contacts("SECURITY_CONTACT")
SECURITY_POLICY = env.secure_url("SECURITY_POLICY")

CORS_ALLOWED_ORIGINS = env.origins("FRONT_END_URL", "CORS_ORIGIN")
CORS_ALLOW_HEADERS = [
    *default_headers,
    "x-cron-secret",
    "if-match",
    "if-none-match",
    "idempotency-key",
    "cache-control",
    "x-request-id",
    # Front ends that trace their requests add these to every one.
    "traceparent",
    "tracestate",
    "baggage",
    "sentry-trace",
]
CORS_EXPOSE_HEADERS = ["Content-Disposition", "ETag", "Retry-After", "X-Request-ID", "X-Run-Id"]

# --- Secrets ---------------------------------------------------------------------------------------------------
# Servers refuse weak ones (config/site/starting.py). A command that runs without any gets random ones for its lifetime.

JWT_SECRET = env.text("JWT_SECRET") or secrets.token_urlsafe(48)
SECRET_KEY = env.text("SECRET_KEY") or hmac.new(JWT_SECRET.encode(), b"SECRET_KEY", hashlib.sha256).hexdigest()
CRON_SECRET = env.text("CRON_SECRET")
JWT_LIFETIME = env.duration("JWT_EXPIRES_IN", "1d")

# --- Applications ----------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config",  # for its commands
    "django_tasks_db",
    "accounts",
    "tickets",
    "csvsync",
    "triage",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
]

MIDDLEWARE = [
    "corsheaders.middleware.CorsMiddleware",  # outermost: its headers stand on every answer
    "config.site.middleware.HeadMiddleware",
    "config.site.middleware.CacheMiddleware",
    "config.site.middleware.HealthMiddleware",  # before anything that looks at the host or the scheme
    "config.site.proxies.TrustedProxyMiddleware",
    "config.site.proxies.HttpsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.site.middleware.PageCompressionMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "config.site.middleware.RequestShapeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.site.allowance.AllowanceMiddleware",
    "config.site.middleware.DeskMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Database --------------------------------------------------------------------------------------------------

DATABASES = {"default": env.database("DATABASE_URL", "sqlite:///db.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People ----------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "accounts:login"
PASSWORD_HASHERS = [
    "accounts.signing_in.hashing.Argon2",
    "accounts.signing_in.hashing.PBKDF2",
]
HASHES_AT_ONCE = max(1, (os.cpu_count() or 1) // 2)  # in each of the server's two processes
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 24 * 3600

# Failed sign-ins within the window. The first limit counts one account from one address, so that nobody can lock
# out a colleague from elsewhere; the second counts one address over all accounts, and is higher where somebody has
# signed in from it lately: an office behind one address is not locked out by whoever mistypes there.
SIGN_IN_FAILURE_WINDOW_SECONDS = 15 * 60
SIGN_IN_FAILURES_PER_ACCOUNT_AND_ADDRESS = 10
SIGN_IN_FAILURES_PER_ADDRESS = 100
SIGN_IN_FAILURES_PER_KNOWN_ADDRESS = 1000

# Asking for a one-time link, in an hour.
LINKS_PER_EMAIL = 3
LINKS_PER_ADDRESS = 100

# Days for which entries of the record of people and settings are kept (docs/record.md).
RECORD_KEEP_DAYS = env.integer("RECORD_KEEP_DAYS", 400, minimum=30, maximum=36_500)

# --- Mail -----------------------------------------------------------------------------------------------------

_mailer = env.mailer("EMAIL_URL")
HAS_MAIL = _mailer is not None
MAILERS = {"default": _mailer} if _mailer else {}
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", f"service-ticket@{env.host_of(PUBLIC_URL)}")
# How long a mail about a ticket waits for what else happens there, and when daily mails go, in each person's time zone.
MAIL_GATHER = env.duration("MAIL_GATHER", "5m", may_be_none=True)
MAIL_DIGEST_AT = env.time_of_day("MAIL_DIGEST_AT", "07:00")

# What a worker does (`manage.py db_worker`): tickets/outbox/tasks.py.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# --- Requests --------------------------------------------------------------------------------------------------

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440  # a description of 100 000 characters fits, whatever its escapes
# Of one person, by the API and pages; 0 for as many as they like. See accounts/limits/.
REQUESTS_PER_MINUTE = env.integer("REQUESTS_PER_MINUTE", 0, minimum=0, maximum=1_000_000)
CSV_UPLOAD_MAX_MB = env.integer("CSV_UPLOAD_MAX_MB", 512, minimum=1, maximum=100_000)

# --- Attachments -----------------------------------------------------------------------------------------------

ATTACHMENT_MAX_MB = env.integer("ATTACHMENT_MAX_MB", 25, minimum=1, maximum=10_000)
TICKET_ATTACHMENTS_MAX_MB = env.integer("TICKET_ATTACHMENTS_MAX_MB", 100, minimum=1, maximum=100_000)
CLAMD = env.socket_address("CLAMD")

# --- The exchange ----------------------------------------------------------------------------------------------

CSV_PROCESSOR = env.url_or_word("CSV_PROCESSOR", "simulated")
CSV_PROCESSOR_SECRET = env.text("CSV_PROCESSOR_SECRET")
CSV_PROCESSOR_TIMEOUT = env.duration("CSV_PROCESSOR_TIMEOUT", "15m")
CSV_KEEP_DAYS = env.integer("CSV_KEEP_DAYS", 90, minimum=1, maximum=36_500)
CRON_PING_URL = env.url("CRON_PING_URL", "") if env.text("CRON_PING_URL") else ""
CRON_FAILURE_MAIL = env.flag("CRON_FAILURE_MAIL")
OPERATIONS_MAIL = env.mail_addresses("OPERATIONS_MAIL")

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.signing_in.tokens.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.limits.throttle.PersonThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.api.parsing.JSONParser", "config.api.parsing.FormParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "config.api.negotiation.OneFormat",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "config.api.openapi.OperationSchema",
    "EXCEPTION_HANDLER": "config.exception_handler.answer_api_exception",
    "NON_FIELD_ERRORS_KEY": "body",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}

SIMPLE_JWT = {
    "SIGNING_KEY": JWT_SECRET,
    "ACCESS_TOKEN_LIFETIME": JWT_LIFETIME,
    "USER_ID_CLAIM": "sub",
    "TOKEN_TYPE_CLAIM": None,  # nosec B105 # the name of a claim, and none at that
    # Seconds, of iat and nbf only: another machine's clock may be that far ahead (accounts/signing_in/tokens.py).
    "LEEWAY": 30,
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Service Ticket",
    "DESCRIPTION": "Raise tickets, review them, and exchange approved ones with an external system by CSV.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.0.3",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"persistAuthorization": True, "deepLinking": True},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.api.openapi.allow_empty_queries",
    ],
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,
    "ENUM_NAME_OVERRIDES": {
        "Action": "tickets.workflow.Action",
        "KindEnum": "csvsync.models.Run.Kind",
        "LinkKind": "tickets.links.models.LinkKind",
        "NewLinkKind": "tickets.links.models.KINDS",
        "Severity": "tickets.workflow.Severity",
        "Status": "tickets.workflow.Status",
        "Role": "accounts.models.Role",
        "Verdict": "csvsync.api.serializers.VERDICTS",
    },
    "APPEND_COMPONENTS": {
        "securitySchemes": {"cron": {"type": "apiKey", "in": "header", "name": "x-cron-secret"}},
    },
}

# --- Triage ----------------------------------------------------------------------------------------------------

OPENAI_API_KEY = env.text("OPENAI_API_KEY")
OPENAI_MODEL = env.text("OPENAI_MODEL", "gpt-4o-mini")
OPENAI_BASE_URL = env.url("OPENAI_BASE_URL", "https://api.openai.com/v1/chat/completions")
OPENAI_TIMEOUT_MS = env.integer("OPENAI_TIMEOUT_MS", 2500, minimum=1, maximum=600_000)
OPENAI_CALLS_PER_MINUTE = env.integer("OPENAI_CALLS_PER_MINUTE", 120, minimum=1, maximum=1_000_000)  # of one person

# --- The home page --------------------------------------------------------------------------------------------

REVIEW_WITHIN = env.duration("REVIEW_WITHIN", "2d")
QUESTION_WAITS = env.duration("QUESTION_WAITS", "7d")
NIGHTLY_WITHIN = env.duration("NIGHTLY_WITHIN", "26h")

# --- Words, time and files -------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Without a collected folder (runserver on a fresh clone) files are served from where they stand, under plain names.
COLLECTED = ((STATIC_ROOT / "staticfiles.json").exists() and not DEBUG) or "collectstatic" in sys.argv
WHITENOISE_USE_FINDERS = not COLLECTED
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
    "csv": env.storage("CSV_STORAGE", "var/exchange"),
    "attachments": env.storage("ATTACHMENT_STORAGE", "var/attachments"),
}

# What is trimmed by `manage.py tidy` and after each cycle: in words, and the function that does it and counts.
TIDY = {
    "files of old runs": "csvsync.runs.retention.remove_old_files",
    "half-written files": "csvsync.runs.storage.remove_remains",
    "files that no form came for": "tickets.uploads.tidying.remove_old",
    "files without an attachment": "tickets.attachments.tidying.remove_orphans",
    "expired sessions": "config.tidy.remove_expired_sessions",
    "old attempts to sign in": "accounts.signing_in.throttling.remove_old",
    "counts of failed sign-ins": "accounts.record.sign_ins.close_quiet",
    "old entries of the record": "accounts.record.trimming.trim",
    "old mails about accounts": "accounts.letters.remove_old",
    "results of tasks": "tickets.outbox.tasks.remove_old",
    "expired keys of what is done once": "accounts.idempotency.keys.remove_expired",
    "leases of drafts that are over": "tickets.review.leases.remove_old",
    "drafts put aside no longer": "tickets.review.aside.remove_old",
    "old looks at tickets": "tickets.comments.looks.remove_old",
    "things that were read in inboxes": "tickets.inbox.read_marks.remove_old",
}

# What `manage.py audit` compares, in one snapshot of the database; and what is kept beside it, in files.
AUDITS = [
    "tickets.audit.numbers.check",
    "tickets.audit.sealing.check",  # before this process turns to histories, which others have begun with then
    "tickets.audit.histories.check",
    "tickets.audit.agreement.check_counts",
    "tickets.audit.agreement.check_events",
    "csvsync.runs.audit.check_counts",
]
AUDITS_OF_FILES = ["csvsync.runs.audit.check_files", "tickets.audit.files.check"]
AUDIT_NIGHTLY = env.flag("AUDIT_NIGHTLY")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "config.masking.addresses.MaskingFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "filters": {"strangers": {"()": "config.masking.tracebacks.OneLineForStrangers"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["strangers"]}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        # Scanners try host names all day; the answer says what an operator needs to know.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        # The worker tells of each task that it begins and ends. Of those that fail it tells by an error.
        "django.tasks": {"level": "WARNING"},
        "django_tasks_db": {"level": "WARNING"},
    },
}
