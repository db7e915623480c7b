from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('awards', '0007_birthdays'),
    ]

    operations = [
        migrations.AddField(
            model_name='honour',
            name='is_posthumous',
            field=models.BooleanField(default=False, verbose_name='追授'),
        ),
    ]
