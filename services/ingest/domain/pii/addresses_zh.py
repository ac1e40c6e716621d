"""Chinese street addresses: chains of 省 市 区 路 号 楼 室, or what follows 地址."""

import re
from collections.abc import Iterator

from services.ingest.domain.pii.kinds import Found
from services.ingest.domain.pii.linear import HAN, compiled

_NUMBER = r"[0-9０-９一二三四五六七八九十百零〇A-Za-z][0-9一二三四五六七八九十百零〇A-Za-z-]*"
_AREA = "省|自治区|特别行政区|自治州|市|地区|新区|开发区|區|区|县|縣|旗|镇|鎮|乡|鄉|街道|村|屯|社区"
_ROAD = "路|大道|大街|街|道|巷|弄|胡同|里|段|公路|条"
_PLACE = (
    "小区|花园|花園|家园|公寓|大厦|大廈|广场|中心|新村|新城|苑|园|园区|公馆|名邸|府|庄|湾|居|城"
    "|坊|寓|大楼"
    "|写字楼|科技园|工业区|工业园|校区|大学|学院|宿舍|邨|閣"
)
_UNIT = "号楼|號樓|号院|号|號|栋|棟|幢|座|单元|單元|室|房|楼|樓|层|層|户|門|门|弄|组|组团|期"
_CHAIN = compiled(
    rf"(?:[{HAN}]{{1,12}}?(?:{_AREA}|{_ROAD}|{_PLACE})(?:{_ROAD})?[ ,，]?"
    rf"|{_NUMBER}(?:{_UNIT}|{_ROAD}|-[0-9]{{1,5}})[ ,，]?(?:(?:南|北|东|西"
    rf"|附)?{_NUMBER}(?:{_UNIT})?)?){{2,16}}"
    rf"(?:[0-9]{{3,4}})?"
)
_ANNOUNCED = compiled(
    r"(?:地址|住址|住在|家住|寄到|寄往|送到|发到|送往|收货地|位于|搬到|搬去)"
    r"(?:改成|改为|改到|换成|更新为|变更为|应该)?(?:是|为|為|在)?[:： ]{0,3}"
    rf"([{HAN}0-9A-Za-z#()（）·-]{{4,60}})"
)
_PLACED = compiled(rf"[{HAN}](?:{_AREA}|{_ROAD}|{_PLACE})")
_NUMBERED = compiled(rf"(?:{_NUMBER})\s?(?:{_UNIT})|[0-9A-Za-z]{{1,5}}-[0-9]{{1,5}}")
_STREET_NUMBER = compiled(
    rf"(?:{_ROAD}|{_PLACE}|村|社区|镇)[ ,，]?(?:{_NUMBER})(?:{_UNIT}|-|$)|(?:栋|棟|幢|座|号楼"
    rf"|單元|单元).*(?:室|房|[0-9])"
    rf"|(?:{_AREA}).*(?:{_NUMBER})(?:号|號|室)"
)
_LEAD = re.compile(
    r".*(?:[我你您他她它们这那的了是到寄往从给把在于去来请帮为個个住到达叫于送发收货址说想要把]"
    r"|改成|换成|变成|更新成|[:：,，])",
    re.DOTALL,
)
_PROVINCES = re.compile(
    "北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南"
    "|广东|海南|四川|贵州"
    "|云南|陕西|甘肃|青海|台湾|台北|臺北|高雄|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|九龍|九龙|新界"
)
_FIRST_NAME = re.compile(rf"[\u4e00-\u9fff]{{1,14}}?(?:{_AREA}|{_ROAD}|{_PLACE})")
_LONGEST_FIRST, _LONGEST_TAIL = 6, 10
_AFTER = re.compile(r"(?:,|，|。|的|谢谢|请|麻烦|电话|手机|收件|联系|邮编)")


def find(text: str) -> Iterator[Found]:
    """Chains with a named place and a house, floor or room number."""
    for match in _CHAIN.finditer(text):
        if not _STREET_NUMBER.search(match[0]):
            continue
        start = match.start() + _skipped(match[0])
        written = _shortened(text[start : match.end()]).rstrip(" ,，")
        if _PLACED.search(written) and _STREET_NUMBER.search(written):
            yield _found(start, written)
    for match in _ANNOUNCED.finditer(text):
        written = _AFTER.split(match[1])[0].rstrip("()（）#·- ")
        places = len(_PLACED.findall(written))
        if places >= 2 or (places and _NUMBERED.search(written)):
            yield _found(match.start(1), written)


def _skipped(chain: str) -> int:
    """How many characters at the chain's beginning belong to the sentence, not to the address."""
    first = _FIRST_NAME.match(chain)
    if first is None:
        return 0
    province = _PROVINCES.search(first[0])
    if province is not None:
        return province.start()
    lead = _LEAD.match(first[0][:-2])
    begins = lead.end() if lead else 0
    return max(begins, first.end() - _LONGEST_FIRST - 2)


def _shortened(written: str) -> str:
    """Without what follows the last number and is a sentence again."""
    end = max((match.end() for match in _NUMBERED.finditer(written)), default=0)
    tail = written[end:]
    return written[:end] if end and (len(tail) > _LONGEST_TAIL or _LEAD.match(tail)) else written


def _found(start: int, written: str) -> Found:
    return Found(start, start + len(written), "ADDRESS", "".join(written.split()).casefold())
