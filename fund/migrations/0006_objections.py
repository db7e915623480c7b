from django.db import migrations, models
from django.db.models import F


def on_the_day_it_came(apps, schema_editor):
    apps.get_model("fund", "Objection").objects.update(entered_on=F("received_on"))


class Migration(migrations.Migration):

    dependencies = [
        ('fund', '0005_dues_relief'),
    ]

    operations = [
        migrations.AddField(
            model_name='objection',
            name='entered_on',
            field=models.DateField(null=True, verbose_name='登记日期'),
        ),
        migrations.RunPython(on_the_day_it_came, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='objection',
            name='entered_on',
            field=models.DateField(verbose_name='登记日期'),
        ),
    ]
