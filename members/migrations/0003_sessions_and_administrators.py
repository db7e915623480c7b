import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0002_precision_roles_and_kinds")]

    operations = [
        migrations.AddField(
            model_name="account",
            name="sessions",
            field=models.PositiveIntegerField(default=0, verbose_name="会话批次"),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(
                    role__in=["system_administrator", "security_administrator", "auditor"],
                    until=datetime.date(9999, 12, 31),
                ),
                name="one_administrator_post",
            ),
        ),
    ]
