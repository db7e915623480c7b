"""The scratch databases of a run: made on the server that ``DATABASE_URL`` names, one for each size."""

from django.conf import settings
from django.core.management import call_command
from django.db import connection


def execute(statement: str, values=None) -> int:
    """Run a statement; how many rows it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def ask(statement: str, values=None) -> list[tuple]:
    """The rows of a SELECT."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def use(name: str) -> None:
    """Let the connection of this process lead to the database ``name`` from now on."""
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def make(name: str, *, like: str = "") -> None:
    """An empty database with the product's tables, or a copy of another one; the connection leads to it."""
    use(HOME)
    execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{like}"' if like else ""))
    use(name)
    if not like:
        call_command("migrate", verbosity=0)


def drop(name: str) -> None:
    use(HOME)
    execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


HOME = settings.DATABASES["default"]["NAME"]
"""The database that was there before."""
