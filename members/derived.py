"""What lists read instead of working it out: how names sound, how many members there are. Derived, never edited."""

from collections.abc import Iterable

from django.db import connection, models

from members.pinyin import KEY_LENGTH, keys_of
from members.search import after_all

BATCH = 500
"""Rows of one statement."""


class NameKeyQuerySet(models.QuerySet):
    def beginning(self, word: str):
        """Keys that begin with ``word``, of small letters, as a range of the index."""
        end = after_all(word)
        return self.filter(key__gte=word, key__lt=end) if end else self.filter(key__gte=word)

    def keep(self, people: Iterable, *, new: bool = False) -> None:
        """Give these people the keys of their present names; in the transaction that writes the names.

        :param people: rows of ``Person``; their ``pk`` and ``name`` are read.
        :param new: that none of them has had a key.
        """
        names = {person.pk: person.name for person in people}
        known = [] if new else sorted(names)
        for start in range(0, len(known), BATCH):
            self.filter(person__in=known[start : start + BATCH]).delete()
        rows = [(person, key) for person, name in names.items() for key in sorted(keys_of(name))]
        if connection.vendor == "postgresql" and len(names) > 1:
            with (
                connection.cursor() as cursor,
                cursor.copy("COPY members_namekey (person_id, key) FROM STDIN") as copy,
            ):
                copy.write("".join(f"{person}\t{key}\n" for person, key in rows))  # letters only: nothing to escape
        else:
            self.bulk_create([NameKey(person_id=person, key=key) for person, key in rows], batch_size=BATCH)


class NameKey(models.Model):
    """Derived: one way to type a person's name, initials or full pinyin in one of its readings, small letters only.

    No constraint guards ``person``: people are never deleted, and a roster writes two of these rows for each.
    """

    pk = models.CompositePrimaryKey("person_id", "key")
    person = models.ForeignKey(
        "members.Person", models.CASCADE, db_constraint=False, db_index=False, related_name="name_keys"
    )
    key = models.CharField(max_length=KEY_LENGTH)

    objects = NameKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "姓名拼音"
        indexes = [models.Index(fields=["key", "person"], name="name_key")]

    def __str__(self):
        return f"{self.person_id} {self.key}"


class MemberCount(models.Model):
    """Derived: how many members an organisation has today, itself or with all below it (``whole``).

    Kept by :mod:`members.counting` in the transaction of the change, so no page counts a subtree.
    """

    organisation = models.ForeignKey("members.Organisation", models.CASCADE, related_name="member_counts")
    whole = models.BooleanField("含下级")
    living = models.PositiveIntegerField("在册", default=0)
    probationary = models.PositiveIntegerField("预备党员", default=0)
    suspended = models.PositiveIntegerField("停止党籍", default=0)
    missing = models.PositiveIntegerField("缺转正日期", default=0)

    class Meta:
        verbose_name = "党员数"
        constraints = [models.UniqueConstraint(fields=["organisation", "whole"], name="counted_once")]
        indexes = [
            models.Index(
                fields=["organisation"], condition=models.Q(whole=False, missing__gt=0), name="organisation_with_gaps"
            )
        ]

    def __str__(self):
        return f"{self.organisation_id} {self.living}"
