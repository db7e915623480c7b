"""The product's settings as the measurements use them: as in production, with made-up keys and without HTTPS."""

import os

os.environ.update({
    "DJANGO_DEBUG": "0", "DJANGO_DEMO": "0", "DJANGO_HTTPS": "0", "DJANGO_ALLOWED_HOSTS": "127.0.0.1",
    "DJANGO_SECRET_KEY": "measured-and-thrown-away", "SEAL_INDEX_KEY": "measured-and-thrown-away",
    "SEAL_KEYS": "bench:bWVhc3VyZWQtYW5kLXRocm93bi1hd2F5LTMyLWJ5dGU=",
})  # fmt: skip
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1/0")

from config.settings import *  # noqa: F403  the environment is read on import
from config.settings import BASE_DIR, DATABASES, TEMPLATES

ROOT_URLCONF = "bench.urls"
TEMPLATES[0]["DIRS"].append(BASE_DIR / "bench" / "templates")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = False
DATABASES["default"]["NAME"] = os.environ.get("BENCH_DATABASE", DATABASES["default"]["NAME"])
