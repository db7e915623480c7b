"""Inventing names that sound like their time. Any likeness to a living person is chance."""

from random import Random

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
"""Commoner ones first; the dice favour the front."""

GIVEN = {
    "男": (
        (1953, "国安 德福 长林 秀山 玉堂 保国 振华 金生 福来 景云 树森 文斌 兆祥 廷贵 广田 祥云 永和 世昌 维新 庆丰"),
        (1967, "建国 建军 卫东 志强 国庆 援朝 跃进 爱民 永强 新民 红旗 学农 立新 洪波 长河 庆华 明德 继先 国栋 胜利"),
        (1979, "伟 强 军 勇 涛 建平 海波 志刚 晓明 文军 立军 宏伟 永峰 少华 春雷 卫民 利民 东升 学斌 江涛"),
        (1990, "磊 鹏 超 峰 斌 晓东 志远 海峰 文博 建波 亚军 彦军 俊杰 振宇 书恒 启明 松涛 云飞 光耀 立言"),
        (9999, "浩然 宇航 思远 子轩 博文 一鸣 家豪 嘉诚 泽宇 天佑 明哲 景行 逸飞 承志 向阳 弈辰 知行 润泽 怀瑾 星河"),
    ),
    "女": (
        (1953, "秀英 玉珍 桂兰 凤英 秀兰 淑贞 玉兰 月娥 素珍 桂芝 惠芳 玉梅 金凤 彩云 兰香 淑华 翠英 荣花 瑞芝 巧云"),
        (1967, "红梅 丽华 爱华 淑芳 秋菊 亚萍 玉霞 春梅 桂荣 建华 秀芳 文英 爱玲 彩霞 慧敏 新华 素云 美玲 国英 静芝"),
        (1979, "敏 静 丽 娟 芳 海燕 晓红 春燕 艳玲 慧芳 志红 玉洁 冬梅 秋萍 云霞 俊英 丽娜 晓梅 文静 雪梅"),
        (1990, "婷 颖 洁 倩 琳 晓丹 亚楠 文婷 佳慧 雪莹 梦洁 晶晶 璐 瑞雪 思雨 春晓 怡然 雅琴 若兰 书云"),
        (9999, "欣怡 雨桐 诗涵 梓萱 佳琪 语嫣 思琪 可欣 一诺 清源 若溪 晨曦 乐瑶 知夏 安然 静姝 念慈 书瑶 沐晴 清浅"),
    ),
}  # fmt: skip
"""Given names by sex and the last year of birth to which a list belongs."""

ELSEWHERE = (
    ("扎西平措", "男", "藏族"), ("次仁卓玛", "女", "藏族"), ("阿依古丽·买合木提", "女", "维吾尔族"),
    ("艾力·吐尔逊", "男", "维吾尔族"), ("欧阳文澜", "女", "汉族"), ("司马长风", "男", "汉族"),
    ("乌兰其其格", "女", "蒙古族"), ("上官云", "男", "汉族"),
)  # fmt: skip
"""Names of other shapes: four characters, an interpunct, two-character surnames."""


def full_name(dice: Random, sex: str, born: int) -> str:
    """A surname and a given name for somebody of ``sex`` born in the year ``born``."""
    place = min(int(dice.expovariate(1 / 22)), len(SURNAMES) - 1)
    given = next(names for last, names in GIVEN[sex] if born <= last).split()
    return SURNAMES[place] + dice.choice(given)
