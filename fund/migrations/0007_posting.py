from django.db import migrations

from fund.posting import DROP, FUNCTION


def put_on(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute(FUNCTION, params=None)


def take_off(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute(DROP, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('fund', '0006_objections'),
    ]

    operations = [
        migrations.RunPython(put_on, take_off),
    ]
