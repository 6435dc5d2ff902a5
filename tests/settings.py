"""Settings of the tests: the product's own, with quick password hashing."""

import os

# Linters and type checks import this without a running database.
for name, value in {
    "SECRET_KEY": "tests-only-" + "x" * 50,
    "MASTER_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "DATABASE_URL": "postgresql://ws_app:x@/sightline?host=/nowhere",
    "OWNER_DATABASE_URL": "postgresql://ws_owner:x@/sightline?host=/nowhere",
    "DISPATCH_DATABASE_URL": "postgresql://ws_dispatch:x@/sightline?host=/nowhere",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SITE_URL": "http://testserver",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "FILES_DIR": "/nowhere",  # the tests get a folder of their own, see conftest
    "SCAN_ALLOWED_PRIVATE_RANGES": "127.0.0.0/8",
    "DNS_RESOLVERS": "127.0.0.1:1",  # nobody: tests that need one bring it
    "SWEEP_OT_HOST_RATE": "40",  # the stacks of the tests bear it
    "WEBHOOK_ALLOWED_PRIVATE_RANGES": "127.0.0.0/8",
    "SIGN_ON_ALLOWED_PRIVATE_RANGES": "127.0.0.0/8",
}.items():
    os.environ.setdefault("SIGHTLINE_" + name, value)

from config.settings import *  # noqa: E402, F403 - the product's settings are the base
from tests.template import TEMPLATE  # noqa: E402 - after the environment

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {  # noqa: F405 - from the product's settings
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
DATABASES["owner"]["TEST"] = {  # noqa: F405 - from the product's settings
    "TEMPLATE": TEMPLATE,  # see tests/template.py
    # Two runs side by side have a database each.
    "NAME": os.environ.get("SIGHTLINE_TEST_DATABASE") or None,
    "DEPENDENCIES": [],  # the other aliases are mirrors of this one
}
STATIC_ROOT = STATICFILES_DIRS[0]  # noqa: F405 - nothing is collected for tests
API_PER_MINUTE = dict.fromkeys(API_PER_MINUTE, 1_000_000)  # noqa: F405 - walks ask often
