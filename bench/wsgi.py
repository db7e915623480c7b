"""The web server under measurement; with ``BENCH_WITHOUT_ENGINE=1`` facts are entered and nothing settles."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")

from config import wsgi

application = wsgi.application
"""The product's own, under the settings of the bench."""

if os.environ.get("BENCH_WITHOUT_ENGINE"):
    from base import facts

    facts._listeners.clear()
    facts._before.clear()
