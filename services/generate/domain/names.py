"""Which names a reply may greet with: they come from outside and stand in our letter.

Whoever can choose a customer's name could write a line of it: "Hello Your Refund Is Approved". A
name that might be a sentence, an address or an insult is not used, and the greeting does without:
that costs a courtesy, the other way round a lie goes out under our name.
"""

import re

from services.generate.domain.guardrails.wordlists import words

LONGEST = 40
MOST_WORDS = 4
_LETTER = "A-Za-z\u00c0-\u024f\u1e00-\u1eff"
# J. | J.R.R. | O'Neil-Smith | Dr.
_WORD = (
    rf"(?:(?:[{_LETTER}]\.){{1,4}}|[{_LETTER}]{{1,20}}(?:['’-][{_LETTER}]{{1,20}}){{0,2"
    rf"}}|[{_LETTER}]{{2,3}}\.)"
)
_LATIN = re.compile(rf"{_WORD}(?: {_WORD}){{0,{MOST_WORDS - 1}}}")
_HAN = "[\u3400-\u4dbf\u4e00-\u9fff]"
_CHINESE = re.compile(f"{_HAN}{{2,4}}")
_TRANSLITERATED = re.compile(f"{_HAN}{{1,6}}(?:[·・•]{_HAN}{{1,6}}){{1,3}}")
_BOTH = re.compile(
    rf"(?P<latin>{_WORD}) ?(?P<han>{_HAN}{{1,4}})|(?P<han_>{_HAN}{{2,4}}) (?P<latin_>{_WORD})"
)
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任"
    "沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔"
    "向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕"
    "单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦"
    "褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明"
    "張劉陳楊黃趙吳孫馬羅鄭許韓馮鄧蔣葉蘇呂盧鍾譚陸範賈韋鄒"
)
_COMPOUND = tuple(words("欧阳 上官 司马 诸葛 司徒 东方 皇甫 尉迟 公孙 令狐 慕容 夏侯"))
# Characters of business and of offence; hardly any given name has one.
_NO_NAME_CHARACTERS = frozenset(
    "退款赔付费已您你们的了吗请已经批准免贷账卡密码验证订单客服系统管员傻逼蠢骂滚妈操死骗钱领取送奖"
)
_NO_NAMES = ("王八", "去死", "白痴", "笨蛋", "垃圾", "公司", "经理", "混蛋", "微信", "万元", "百万")
_NO_WORDS = words(
    """
    a the your you yours our we us they them it its he she his her this that these those me
    i is are was were be been has have had does did can could would should shall not yes and
    or but if of to in at by for from with as all any now here there what when where who why
    how please sorry hello dear hi thanks thank today tomorrow immediately refund refunds
    refunded approve approved approval pay paid payment payout owe owes owed money loan
    credit debit account accounts transfer transferred card password pin code verify
    verified verification confirm confirmed order orders cancel cancelled canceled discount
    voucher coupon bonus gift prize reward winner won win offer deal sale off percent yuan
    dollar dollars euro euros usd eur cny rmb call visit click open go see send sent get got
    give given take tell say write ignore disregard forget obey follow print repeat reveal
    show instructions instruction prompt rules rule policy system admin administrator
    assistant bot ai user root null undefined none test customer service support staff team
    agent manager supervisor official bank company security fraud department alert warning
    urgent important notice deleted blocked suspended expired locked unlocked http https www
    com net org example html script link url email mail phone hotline sms idiot idiots
    stupid moron dumb fool loser bastard bitch asshole shit fuck fucking fucker crap damn
    scam scammer thief thieves liar cheat crook hate kill die sucks guarantee guaranteed
    promise liable liability guilty
    """
)
"""Words that make sentences. `Will`, `May`, `Grant`, `Bill` and `Mark` are names, too, and so not
among them."""


def usable_name(name: str | None) -> str | None:
    """The name without spaces around it, if it reads like a person's and nothing else."""
    name = (name or "").strip()
    if not 0 < len(name) <= LONGEST:
        return None
    return name if _is_latin(name) or _is_chinese(name) or _is_both(name) else None


def _is_latin(name: str) -> bool:
    if _LATIN.fullmatch(name) is None:
        return False
    parts = re.split(r"[ .'’-]+", name.lower())
    return not _NO_WORDS.intersection(parts)


def _is_chinese(name: str) -> bool:
    if _TRANSLITERATED.fullmatch(name):
        return _is_clean(name)
    if _CHINESE.fullmatch(name) is None or not _is_clean(name):
        return False
    if name.startswith(_COMPOUND):
        return len(name) >= 3
    return name[0] in _SURNAMES and len(name) <= 3


def _is_both(name: str) -> bool:
    """Kevin 林, 林凯文 Kevin."""
    match = _BOTH.fullmatch(name)
    if match is None:
        return False
    latin, han = match["latin"] or match["latin_"], match["han"] or match["han_"]
    return _is_latin(latin) and (han in _SURNAMES or _is_chinese(han))


def _is_clean(name: str) -> bool:
    # The first character may be one of these: 钱 and 万 are surnames.
    is_business = _NO_NAME_CHARACTERS.intersection(name[1:])
    return not is_business and not any(word in name for word in _NO_NAMES)
