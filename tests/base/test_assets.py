"""Static files of installed packages: the allow-list serves what pages ask for, and nothing else."""

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders, storage
from django.core.management import call_command

from base.assets import ALLOWED, PackageFinder

SERVED = [f"{prefix}/{name}" for prefix, (_package, _folder, names) in ALLOWED.items() for name in names]


@pytest.mark.parametrize("path", SERVED)
def test_what_is_allowed_is_found_and_is_a_file(path):
    assert Path(finders.find(path)).is_file()


def test_the_pages_own_bootstrap_and_icons_are_among_them():
    assert {"bootstrap/css/bootstrap.min.css", "icons/bootstrap-icons.min.css"} <= set(SERVED)


@pytest.mark.parametrize(
    "path",
    [
        "bootstrap/css/bootstrap.css",
        "bootstrap/js/bootstrap.bundle.js.map",
        "bootstrap/../__init__.py",
        "bootstrap/css/../css/bootstrap.min.css",
        "icons/bootstrap-icons.json",
        "icons",
        "elsewhere/css/bootstrap.min.css",
    ],
)
def test_nothing_else_of_the_packages_is_found(path):
    assert PackageFinder().find(path) == []
    assert PackageFinder().find(path, find_all=True) == []


def test_listing_gives_exactly_the_allowed_files():
    listed = [f"{found.prefix}/{name}" for name, found in PackageFinder().list(None)]
    assert sorted(listed) == sorted(SERVED)


def test_everything_is_collected_under_names_that_carry_a_digest(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    for path in SERVED:
        hashed = storage.staticfiles_storage.url(path).removeprefix(settings.STATIC_URL)
        assert hashed != path
        assert (tmp_path / hashed).is_file()
