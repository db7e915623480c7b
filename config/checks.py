"""What a production needs besides Django's own deployment checks."""

from django.conf import settings
from django.core.checks import Tags, Warning, register


@register(Tags.security, deploy=True)
def redis_is_named(app_configs, **more) -> list[Warning]:
    """Without Redis there is no worker: only the hourly ``tick`` would run, and long work would wait for it."""
    if settings.REDIS_URL:
        return []
    hint = "例如 REDIS_URL=redis://:密码@127.0.0.1:6379/0 或 redis+socket:///run/redis/redis.sock，见 docs/clock.md。"
    return [Warning("没有给出 REDIS_URL，提醒和长任务只靠每小时一次的 manage.py tick。", hint=hint, id="config.W001")]
