"""Static files of installed packages, by an allow-list: nothing is fetched, nothing is committed.

The packages hold thousands of files; these few are served, under the names our templates use.
"""

from importlib.metadata import distribution
from pathlib import Path

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

ALLOWED = {
    "bootstrap": (
        "bootstrap-wrapper",
        "bootstrap",
        ("css/bootstrap.min.css", "css/bootstrap.min.css.map"),
    ),
    "icons": (
        "django-js-lib-bootstrap-icons",
        "js_lib_bootstrap_icons/static/bootstrap-icons/font",
        ("bootstrap-icons.min.css", "fonts/bootstrap-icons.woff", "fonts/bootstrap-icons.woff2"),
    ),
}
"""Our prefix → distribution, folder in it, files of it. The map is asked for by the manifest storage."""


class PackageFinder(BaseFinder):
    """Finds ``bootstrap/…`` and ``icons/…`` in the installed packages; works with findstatic and collectstatic."""

    def __init__(self, app_names=None, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.storages = {}
        for prefix, (package, folder, _files) in ALLOWED.items():
            storage = FileSystemStorage(location=Path(str(distribution(package).locate_file(folder))))
            storage.prefix = prefix
            self.storages[prefix] = storage

    def check(self, **kwargs):
        return []

    def find(self, path, find_all=False, **kwargs):
        prefix, _, rest = path.partition("/")
        hit = prefix in ALLOWED and rest in ALLOWED[prefix][2]
        found = self.storages[prefix].path(rest) if hit else None
        if find_all:
            return [found] if found else []
        return found or []

    def list(self, ignore_patterns):
        for prefix, (_package, _folder, files) in ALLOWED.items():
            for name in files:
                yield name, self.storages[prefix]
