"""The WSGI entry point. In the demo its process also turns the clock: a server loads this once, its reloader never."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
# What is loaded stays as long as the process: the search for unused cycles, which held up every twentieth page for
# 100 ms, passes over it from here on.
list(get_resolver().url_patterns)  # loads every page
gc.collect()
gc.freeze()

if settings.DEMO:
    from config.ticking import Ticker

    Ticker().start()
