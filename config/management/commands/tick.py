"""``tick [--json]``: do whatever of the timetable is due and not done. The system's own timer calls it every hour."""

from django.utils import timezone

from base.clock import last_beat
from base.commands import Answer, AnsweringCommand
from config.health import SILENT
from config.ticking import tick
from config.timetable import TIMETABLE


class Command(AnsweringCommand):
    help = "把时刻表上该做而没做的做完（由系统定时器每小时执行一次；重复执行、同时执行都没有坏处）"

    def answer(self, **_options):
        now = timezone.now()
        done = tick("tick", now)
        heard = last_beat("beat")
        late = heard is not None and now - heard > SILENT
        named = "、".join(TIMETABLE[name].label for name in done)
        lines = [f"做了 {len(done)} 项：{named}。" if done else "没有该做的。"]
        if late:
            lines.append(f"定时引擎 beat 已有 {int((now - heard).total_seconds() // 60)} 分钟没有动静，请检查。")
        return Answer({"done": done, "beat_is_late": late}, lines, refused=late)
