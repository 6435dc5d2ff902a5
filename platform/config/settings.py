"""All settings in one file; the environment decides, there is no copy per environment."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from config.ceilings import *  # noqa: F403 - settings that have a file of their own
from config.env import (
    env_bool,
    env_database,
    env_endpoints,
    env_file,
    env_folder,
    env_key,
    env_keys,
    env_networks,
    env_secret,
    env_str,
    env_url,
)
from config.logs import LOGGING as LOGGING
from config.schedule import FLOW, QUEUES, TELLS, TICKS, TOLD

ROOT = Path(__file__).resolve().parent.parent.parent

# Who we are
SECRET_KEY = env_secret("SECRET_KEY")
MASTER_KEY = env_key("MASTER_KEY")
MASTER_KEYS_BEFORE = env_keys("MASTER_KEY_PREVIOUS")  # opens until all is sealed anew
DEBUG = env_bool("DEBUG", default=False)
SITE_URL = env_url("SITE_URL", schemes={"http", "https"})
DEMO = env_bool("DEMO", default=False)
_site = urlsplit(SITE_URL)
ALLOWED_HOSTS = [_site.hostname or ""]
CSRF_TRUSTED_ORIGINS = [f"{_site.scheme}://{_site.netloc}"]

# What may be touched on private networks: nothing, unless this instance says so
SCAN_ALLOWED_PRIVATE_RANGES = env_networks("SCAN_ALLOWED_PRIVATE_RANGES")
SCAN_REQUIRES_PROOF = env_bool("SCAN_REQUIRES_PROOF", default=True)
# Who we are to those who see our packets; see /about-our-probes/
SCAN_SOURCE_ADDRESSES = env_networks("SCAN_SOURCE_ADDRESSES")
SCAN_OWN_RANGES = env_networks("SCAN_OWN_RANGES")
SCAN_ABUSE_CONTACT = env_str("SCAN_ABUSE_CONTACT", "", pattern=r"[^\s<>\"']{3,200}")
# Who is asked for names: the resolvers of this machine, unless this instance names some
DNS_RESOLVERS = env_endpoints("DNS_RESOLVERS", port=53)
DNS_ZONE_PORT = 53  # where a zone's own name servers listen; tests have another one
SOURCES_ALLOWED_PRIVATE_RANGES = env_networks("SOURCES_ALLOWED_PRIVATE_RANGES")
WEBHOOK_ALLOWED_PRIVATE_RANGES = env_networks("WEBHOOK_ALLOWED_PRIVATE_RANGES")
SIGN_ON_ALLOWED_PRIVATE_RANGES = env_networks("SIGN_ON_ALLOWED_PRIVATE_RANGES")

INSTALLED_APPS = [
    "config",
    "common",
    "tenants",
    "exposure",
    "workflows",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "rest_framework",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "common.compression.CompressPages",
    "csp.middleware.CSPMiddleware",
    "tenants.api.entrance.ApiEdge",  # before anything reads cookies
    "common.uploads.BodyLimit",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tenants.afterwards.AfterwardsMiddleware",
    "tenants.sessions.SessionEndsMiddleware",
    "tenants.middleware.WorkspaceMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tenants.context.workspace",
                "workflows.context.navigation",
            ],
        },
    },
]

# Data: the application role owns nothing; the owner role is for migrations only
DATABASES = {
    "default": {
        **env_database("DATABASE_URL"),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "TEST": {"MIRROR": "owner"},
    },
    "owner": env_database("OWNER_DATABASE_URL"),
    "dispatch": {
        **env_database("DISPATCH_DATABASE_URL"),
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"MIRROR": "owner"},
    },
}
DATABASE_ROUTERS = ["tenants.router.OwnerMigrates"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env_url("REDIS_URL", schemes={"redis", "rediss", "unix"})
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "sl",
    }
}

# Sign-in
AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "tenants.adapters.ClosedSignup"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by people we know, not by forms
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # an address that is not ours gets no mail
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password or factor is told by mail
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = {  # these are the lockout: they end by themselves
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/300s/key",
    "reset_password": "20/m/ip,3/600s/key",
    "reset_password_from_key": "20/m/ip",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "join": "20/m/ip",
    "sign_on": "30/m/ip",  # begun at, or come back from, an identity provider
}
ALLAUTH_TRUSTED_PROXY_COUNT = int(env_str("TRUSTED_PROXIES", "0", pattern=r"\d"))
MFA_ADAPTER = "tenants.adapters.SealedFactors"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_TRUST_ENABLED = False
MFA_TOTP_ISSUER = "Sightline"
# Browsers speak WebAuthn with a name, never with a bare address, and over https; over
# http with this machine only.
PASSKEYS = not re.fullmatch(r"[\d.]+|.*:.*", _site.hostname or "")
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = (
    _site.scheme == "http" and _site.hostname == "localhost"
)
MFA_FORMS = {
    "add_webauthn": "tenants.forms.passkeys.AddPasskey",
    "authenticate_webauthn": "tenants.forms.passkeys.ShowPasskey",
    "login_webauthn": "tenants.forms.passkeys.SignInWithPasskey",
    "reauthenticate_webauthn": "tenants.forms.passkeys.ConfirmWithPasskey",
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "tenants.passwords.NotGuessed"},
    {
        "NAME": "tenants.passwords.NotBreached",
        "OPTIONS": {"path": env_file("BREACHED_PASSWORDS_FILE")},
    },
]
_secure = _site.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_NAME = "__Host-session" if _secure else "sightline_session"
CSRF_COOKIE_NAME = "__Host-csrf" if _secure else "sightline_csrf"
CSRF_COOKIE_HTTPONLY = True  # pages carry the token in a meta tag
SESSION_COOKIE_AGE = 12 * 3600  # from signing in, whatever happens meanwhile
SESSION_IDLE_SECONDS = int(
    env_str("SESSION_IDLE_SECONDS", "1800", pattern=r"[1-9]\d{1,5}")
)
SECURE_SSL_REDIRECT = _secure
SECURE_HSTS_SECONDS = 31536000 if _secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _secure
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _secure else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# Words and time
LANGUAGE_CODE = "en-gb"
USE_I18N = False
USE_TZ = True
TIME_ZONE = env_str("TIME_ZONE", "UTC", pattern=r"[A-Za-z0-9_+/-]+")

# Static files, hashed and compressed by the web process itself
STATIC_URL = "static/"
STATICFILES_DIRS = [ROOT / "platform" / "static"]
STATIC_ROOT = ROOT / "platform" / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Files that people bring and that we make: sealed, in a folder that nothing serves
FILES_DIR = env_folder("FILES_DIR")
FILES_QUOTA = int(env_str("FILES_QUOTA_MB", "2048", pattern=r"[1-9]\d{0,6}")) * 1024**2
FILE_UPLOAD_HANDLERS = ["common.uploads.PrivateUploads"]
DATA_UPLOAD_MAX_NUMBER_FILES = 10
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # a plan is asked about each of 5 000 changes

# Mail
_mail = urlsplit(env_url("EMAIL_URL", schemes={"smtp", "smtps", "smtp+tls"}))
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = _mail.hostname or ""
EMAIL_PORT = _mail.port or 25
EMAIL_HOST_USER = _mail.username or ""
EMAIL_HOST_PASSWORD = _mail.password or ""
EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
EMAIL_USE_SSL = _mail.scheme == "smtps"
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env_str(
    "EMAIL_FROM", "Sightline <sightline@localhost>", pattern=r"[^\r\n]+@[^\r\n]+"
)
# Domains that providers may send from, besides our own address; the mail server must
# be allowed to (SPF, DKIM).
SENDER_DOMAINS = frozenset(
    part.strip()
    for part in env_str("SENDER_DOMAINS", "", pattern=r"[a-z0-9.,\s-]*").split(",")
    if part.strip()
)

# The API: keys only, see tenants.api.entrance; no session, no form, no HTML
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["tenants.api.parsing.StrictJSON"],
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}
API_PER_MINUTE = {"key": 300, "workspace": 1200, "address": 600, "wrong": 20}
SPECTACULAR_SETTINGS = {
    "TITLE": "Sightline",
    "VERSION": "1",
    "DESCRIPTION": "What a customer's workspace holds, for programs. See docs/api.md.",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1/w/{workspace}",
    "POSTPROCESSING_HOOKS": [],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "APPEND_COMPONENTS": {
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}
    },
}

# How many worlds the path engine draws; the error of a reach is below half a percent
PATH_WORLDS = int(env_str("PATH_WORLDS", "10240", pattern=r"[1-9]\d{2,5}"))

# Jobs: Celery carries only job ids; the job table is the truth
JOB_FLOW = FLOW
JOB_QUEUES = QUEUES
JOB_TICKS = TICKS
LEDGER_TOLD = TOLD
LEDGER_TELLS = TELLS
JOB_LEASE_SECONDS = int(env_str("JOB_LEASE_SECONDS", "20", pattern=r"[1-9]\d{0,3}"))
