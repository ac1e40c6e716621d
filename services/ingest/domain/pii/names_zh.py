"""Chinese names: after words that announce one, before 先生, 女士 and other titles, and greeted."""

from collections.abc import Iterator

from services.ingest.domain.pii.kinds import Found, folded
from services.ingest.domain.pii.linear import HAN, compiled
from services.ingest.domain.pii.surnames import COMMON, DOUBLE, SINGLE
from services.ingest.domain.pii.words import words

_TITLE = compiled(
    rf"[{''.join(sorted(SINGLE))}{''.join(name[0] for name in sorted(DOUBLE))}][{HAN}]{{0,3}}?"
    r"(先生|女士|小姐|太太|师傅|師傅|同学|同學|夫人|阿姨|叔叔|大哥|大姐)(?:[^们們姐妹]|$)"
)
_CALLED = compiled(
    r"(?:我叫|我的名字叫|我的名字是|我名叫|名字叫|名字是|名叫|本人姓名|本人叫|姓名|名字|收件人"
    r"|收货人|收貨人|联系人"
    r"|聯絡人|联络人|寄件人|发件人|户名|戶名|持卡人|开户人|投保人|被保险人|乘客|乘机人|入住人"
    r"|预订人|预定人"
    r"|订票人|申请人|经办人|客户名|客户姓名|会员姓名|真实姓名|真名|大名)(?:的?(?:姓名|名字|名))?"
    rf"(?:改成|改为|填的|写的|应该|登记的|就)?(?:是|为|為|叫|做)?[:： ]{{0,3}}([{HAN}]{{2,6}})"
)
_I_AM = compiled(rf"(?:我是|本人|这里是|我乃|在下)([{HAN}]{{2,5}})")
_FAMILY = compiled(
    r"(?:我|他|她|我的|我们的)?(?:老公|老婆|丈夫|妻子|爱人|儿子|女儿|爸爸|妈妈|父亲|母亲|同事"
    r"|朋友|哥哥|姐姐|弟弟|妹妹"
    rf"|客服|客户经理|销售|店员|快递员|司机)(?:叫|名叫|叫做)([{HAN}]{{2,5}})"
)
_SIGNED = compiled(
    rf"\n[ ]{{0,4}}(?:此致|敬礼|谢谢|祝好"
    rf"|顺颂商祺)?[,，!！。 ]{{0,2}}([{HAN}]{{2,4}})[ ]{{0,4}}$"
)
_GREETED = compiled(
    rf"(?:^|\n)[ ]{{0,4}}(?:尊敬的|亲爱的)?([{HAN}]{{2,4}})[,，、 ]{{0,2}}(?:您好|你好|您們好)"
)
_NOT_GIVEN = frozenset(
    "的了是在和跟与想要有没不也都我你您他她它们这那吗呢吧啊哦呀嘛把被给让请帮找对到从去已经还就才又再很太说问"
    "买退换订货款付收寄发送查办理打电话号码手机个位等及或但什么怎哪谁几需做该叫姓您吃喝看写错填改谢"
)
"""No name has these after the surname."""
_GOES_ON = _NOT_GIVEN | frozenset("来能可会先因于之昨今住以为所上下后前同用单年月地先女小")
"""With these a sentence goes on after a name of two characters."""
_WORDS = words(
    "常客 高管 金卡 金牌 高级 安卓 常年 时候 全部 任何 于是 严重 明天 周末 周一 周二 周三 周四"
    " 周五 周六 周日"
    " 黄金 白金 白银 文员 司机 农民 包邮 和平 应该 成都 方便 安全 广州 广东 江苏 江西 云南 贵州"
    " 海南 山东 山西"
    " 都市 公司 高中 平台 石家庄 钟点工 单身 国际 国内 华为 金融 安装 温馨 高档 包裹 石油 连锁"
    " 易购 康师傅 万一"
    " 计划 全国 东北 单位 通过 平时 关于 关注 路过 程序员 程序 易拉宝 项目 连接 解决 支付 支持"
    " 支付宝 房东 常用"
    " 马上 高兴 黄色 白色 余额 何时 何处 何况 严禁 江湖 林业 方式 方案 方法 钱包 曾经 余下 万分"
    " 万元 谢谢 顾客 顾问"
    " 孔雀 毛病 陆续 高速 龙头 雷达 石头 汤圆 白天 金额 时间 许可 关闭 单号 麻烦 安排 温暖 路上"
    " 张贴 常见 武汉"
)


def find(text: str) -> Iterator[Found]:
    """Names with a known surname where the words around them say that there is one."""
    for pattern, strict in (
        (_CALLED, False),
        (_FAMILY, False),
        (_I_AM, True),
        (_SIGNED, True),
        (_GREETED, True),
    ):
        for match in pattern.finditer(text):
            size = _length(match[1], strict)
            if size:
                yield _found(text, match.start(1), match.start(1) + size)
    for match in _TITLE.finditer(text):
        start = _before_title(text, match.start(1))
        if start is not None:
            yield _found(text, start, match.start(1))


def _found(text: str, start: int, end: int) -> Found:
    return Found(start, end, "NAME", folded(text[start:end]))


def _length(run: str, strict: bool) -> int:
    """How many characters of a run of Chinese are the name that begins it; 0 when none is.

    Where a strict look is asked for, the name must be all that there is.
    """
    family = 2 if run[:2] in DOUBLE else 1
    if family == 1 and run[0] not in SINGLE:
        return 0
    given = 0
    for character, never in zip(run[family:], (_NOT_GIVEN, _GOES_ON), strict=False):
        if character in never:
            break
        given += 1
    size = family + given
    if not given or run[:2] in _WORDS or run[:size] in _WORDS:
        return 0
    if strict and size < len(run) and run[size] not in _GOES_ON:
        return 0
    if strict and family == 1 and run[0] not in COMMON and size < len(run):
        return 0
    return size


def _before_title(text: str, end: int) -> int | None:
    """Where the name before a title begins: surname and given name, or the surname alone."""
    for size in (4, 3, 2):
        word = text[max(0, end - size) : end]
        family = 2 if word[:2] in DOUBLE else 1
        if len(word) < size or (family == 1 and (word[0] not in COMMON or size == 4)):
            continue
        if (
            not set(word[family:]) & _NOT_GIVEN
            and all(map(_is_chinese, word))
            and word not in _WORDS
        ):
            return end - size
    if end and text[end - 1] in COMMON:
        return end - 1
    return None


def _is_chinese(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"
