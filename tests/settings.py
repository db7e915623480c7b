"""The product's settings as the suite uses them: no secrets to give, fast passwords, plain static files."""

import os

os.environ["DJANGO_DEBUG"] = "1"
os.environ["DJANGO_DEMO"] = "0"

from config.settings import *  # noqa: F403  the environment is read on import

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
REDIS_URL = ""
"""Nothing is nudged in a test, but where one starts workers of its own (tests/config/test_celery.py)."""
