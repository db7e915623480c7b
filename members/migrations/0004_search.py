import django.db.models.deletion
from django.db import migrations, models

import base.sealed
from base.sealed import blind_index
from members.pinyin import keys_of

NAME_PARTS = """
CREATE FUNCTION name_parts(name text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT ARRAY(
        SELECT substr(name, at, size)
        FROM generate_series(1, char_length(name)) AS at, generate_series(1, 2) AS size
        WHERE at + size <= char_length(name) + 1
    )
$$
"""
NAME_PARTS_INDEX = "CREATE INDEX person_name_parts ON members_person USING gin (name_parts(name))"
MONTH_STATISTICS = "CREATE STATISTICS person_joined_month ON (EXTRACT(MONTH FROM joined_on)) FROM members_person"


def on_postgresql(*statements):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement)

    return run


def fill(apps, schema_editor):
    """Keys and tails of those whom the roster already has; members are counted by `rebuild_search` and the sweep."""
    Person, NameKey = apps.get_model("members", "Person"), apps.get_model("members", "NameKey")
    last = 0
    while people := list(Person.objects.filter(pk__gt=last).only("name", "id_number").order_by("pk")[:5000]):
        last = people[-1].pk
        for person in people:
            person.id_tail = blind_index(person.id_number[-4:])
        Person.objects.bulk_update(people, ["id_tail"], batch_size=500)
        keys = [NameKey(person_id=each.pk, key=key) for each in people for key in sorted(keys_of(each.name))]
        NameKey.objects.bulk_create(keys, batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("members", "0003_sessions_and_administrators")]

    operations = [
        migrations.CreateModel(
            name="MemberCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("whole", models.BooleanField(verbose_name="含下级")),
                ("living", models.PositiveIntegerField(default=0, verbose_name="在册")),
                ("probationary", models.PositiveIntegerField(default=0, verbose_name="预备党员")),
                ("suspended", models.PositiveIntegerField(default=0, verbose_name="停止党籍")),
                ("missing", models.PositiveIntegerField(default=0, verbose_name="缺转正日期")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="member_counts",
                        to="members.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "党员数",
                "constraints": [models.UniqueConstraint(fields=["organisation", "whole"], name="counted_once")],
                "indexes": [
                    models.Index(
                        fields=["organisation"],
                        condition=models.Q(whole=False, missing__gt=0),
                        name="organisation_with_gaps",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NameKey",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "person_id", "key", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="name_keys",
                        to="members.person",
                    ),
                ),
                ("key", models.CharField(max_length=60)),
            ],
            options={
                "verbose_name": "姓名拼音",
                "indexes": [models.Index(fields=["key", "person"], name="name_key")],
            },
        ),
        migrations.AddField(
            model_name="person",
            name="id_tail",
            field=base.sealed.BlindIndexField(
                editable=False, last=4, max_length=64, null=True, of="id_number", verbose_name="身份证号末四位索引"
            ),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(fields=["standing", "path", "person"], name="membership_by_standing"),
        ),
        migrations.AddIndex(
            model_name="person", index=models.Index(fields=["id_tail"], name="person_by_id_tail")
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                fields=["joined_on"], condition=models.Q(full_on__isnull=True), name="person_without_full_date"
            ),
        ),
        migrations.RunPython(
            on_postgresql(NAME_PARTS, NAME_PARTS_INDEX, MONTH_STATISTICS),
            on_postgresql("DROP STATISTICS person_joined_month", "DROP INDEX person_name_parts", "DROP FUNCTION name_parts"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
