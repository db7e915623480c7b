"""Money of a visit becomes a sum in fen and its source; what its words say besides goes into those of the gift."""

from django.db import migrations, models

from base.money import Source, money_words, read_money


def read_words(apps, schema_editor):
    Visit = apps.get_model("visits", "Visit")
    for visit in Visit.objects.exclude(money_said="").only("money_said", "gift"):
        visit.money, visit.source, rest = read_money(visit.money_said)
        if rest:
            visit.gift = "；".join(filter(None, (visit.gift, f"慰问金原来写的是：{visit.money_said}")))
        visit.save(update_fields=["money", "source", "gift"])


def write_words(apps, schema_editor):
    Visit = apps.get_model("visits", "Visit")
    for visit in Visit.objects.exclude(money=None).only("money", "source"):
        visit.money_said = money_words(visit.money, visit.source)
        visit.save(update_fields=["money_said"])


class Migration(migrations.Migration):
    dependencies = [("visits", "0002_visits_and_more_subjects")]

    operations = [
        migrations.RenameField("visit", "money", "money_said"),
        migrations.AlterField("visit", "gift", models.CharField("慰问品", blank=True, max_length=200)),
        migrations.AddField(
            "visit", "money", models.PositiveBigIntegerField("慰问金（分）", blank=True, null=True)
        ),
        migrations.AddField(
            "visit", "source", models.CharField("款源", blank=True, choices=Source.choices, default="", max_length=16),
            preserve_default=False,
        ),
        migrations.AddField(
            "visit", "gift_value", models.PositiveBigIntegerField("慰问品价值（分）", blank=True, null=True)
        ),
        migrations.AlterField("visit", "money_said", models.CharField(blank=True, default="", max_length=60)),
        migrations.RunPython(read_words, write_words),
        migrations.RemoveField("visit", "money_said"),
    ]  # fmt: skip
