from django.db import migrations, models

from base.append_only import guards, lifts

TABLES = (("base_auditrow", "id"), ("base_auditseal", "number"))


def guard(apps, editor):
    for table, key in TABLES:
        for statement in guards(editor.connection.vendor, table, key):
            editor.execute(statement, params=None)


def lift(apps, editor):
    for table, _key in TABLES:
        for statement in lifts(editor.connection.vendor, table):
            editor.execute(statement, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('base', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='auditrow',
            name='act',
            field=models.CharField(choices=[('sign_in', '登录'), ('sign_out', '退出'), ('reveal', '查看敏感信息'), ('search', '检索'), ('export', '导出'), ('write', '登记'), ('withdraw', '撤回'), ('remove', '系统移除'), ('import', '导入'), ('adopt', '采用制度'), ('invite', '邀请开通账号'), ('deny', '拒绝'), ('edit', '修改'), ('waive', '免办'), ('read', '查阅'), ('print', '打印'), ('verify', '核验审计')], max_length=16, verbose_name='行为'),
        ),
        migrations.CreateModel(
            name='AuditSeal',
            fields=[
                ('number', models.PositiveIntegerField(primary_key=True, serialize=False, verbose_name='封条号')),
                ('first', models.BigIntegerField(verbose_name='第一条')),
                ('last', models.BigIntegerField(verbose_name='最后一条')),
                ('rows', models.PositiveIntegerField(verbose_name='条数')),
                ('at', models.DateTimeField(verbose_name='封存时间')),
                ('key', models.CharField(help_text='SEAL_KEYS 中的代号', max_length=40, verbose_name='密钥')),
                ('marks', models.BinaryField(help_text='每条的主键和带密钥的摘要，用来指出是哪一条', verbose_name='逐条摘要')),
                ('previous', models.CharField(blank=True, max_length=64, verbose_name='上一号摘要')),
                ('digest', models.CharField(max_length=64, verbose_name='摘要')),
            ],
            options={
                'verbose_name': '审计封条',
            },
        ),
        migrations.AddIndex(
            model_name='auditrow',
            index=models.Index(fields=['act', 'id'], name='audit_by_act'),
        ),
        migrations.RunPython(guard, lift),
    ]
