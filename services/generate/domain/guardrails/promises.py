"""What no reply may promise or admit: the list. Refunds, compensation, discounts, guarantees,
liability, approvals, and deeds that nobody has done.

A sentence that stands word for word in a cited entry or among our own is no promise of the
writer's. A condition, a question or a negation is none either. Only what an action has really done
may be said to be done.
"""

import re
from dataclasses import dataclass

from services.generate.domain.guardrails.characters import FLAGS

# Words that may stand in between, but for those that turn the meaning round.
_EN = r"(?: (?!\w*n't\b|not\b|never\b|cannot\b|unable\b|only\b)[\w'%€$£¥.,-]{1,30}+)"
_ZH = r"[^。！？；\n不未无没非]"
_US = r"\b(?:we|i|our (?:team|company|staff|bank|manager)|the (?:company|bank|manager)|lumen)"
_CAN = (
    r"(?:'ll|'ve|'re|'m| will| shall| have| has| can| could"
    r"| are| am| is| hereby| would| do| agree)?"
)
_GOOD = (
    r"(?:refunds?|reimbursements?|compensation|money|discounts?"
    r"|vouchers?|coupons?|cash ?back|credits?|gifts?"
    r"|rebates?|bonus(?:es)?|upgrades?|replacements?|payouts?|damages|free [a-z]+|loan|points)"
)
_GIVE = (
    r"(?:refund|reimburs|compensat|credit|waiv|gift|rebat|discount"
    r"|pay (?:you|for|back)|give you|offer you"
    r"|grant|award|send you|replace|upgrad|cover (?:all|the"
    r"|your|any)|make (?:it )?up|return your money)"
)
_DONE = (
    r"(?:cancel|refund|reimburs|approv|transfer|chang|updat"
    r"|unlock|unblock|block|delet|remov|upgrad|raise[dn]?\b"
    r"|rais|increas|lower|activat|deactivat|issu|process|reset"
    r"|re-?sen[dt]|sent\b|credit|waiv|paid\b|pay\b"
    r"|reserv|book|rebook|complet|execut|carri|carry|appl(?:y"
    r"|ied)|add|grant|verif|check|review|investigat"
    r"|clos|open|register|order|ship|dispatch|replac|revers|correct|disabl|enabl|escalat)"
)
_THING = (
    r"(?:refund|loan|claim|application|order|transfer|payment"
    r"|account|limit|credit|discount|voucher|compensation"
    r"|money|amount|fee|charge|card|password|subscription|contract"
    r"|booking|reimbursement|coupon|request|data"
    r"|address|plan)"
)
_STATE = (
    r"(?:approved|issued|processed|granted|cancell?ed|refunded"
    r"|transferred|raised|increased|credited|unlocked"
    r"|unblocked|deleted|accepted|waived|reversed|sent|paid"
    r"|completed|doubled|removed|changed|updated|activated"
    r"|reset|reimbursed|confirmed|guaranteed|on (?:its|the) way|executed|reduced|tripled|automatic)"
)
_ZH_US = r"(?:我们|我方|我司|本公司|公司|我行|银行|客服|平台|系统|(?<!自)我|Lumen)"
_ZH_GIVE = (
    r"(?:退款|退还|退回|退给|全额退|赔偿|补偿|赔付|赔给|返还"
    r"|返现|报销|补发|赠送|送您|送给|减免|免除|豁免|打折|优惠给"
    r"|给予|支付给|垫付|升级|换新|发放|奖励)"
)
_ZH_DONE = (
    r"(?:取消|退款|退还|退回|批准|通过|转账|转出|转给|转入|修改"
    r"|更改|变更|更新|解锁|解冻|冻结|删除|升级|提高|提升|上调"
    r"|降低|激活|办理|处理|重置|发送|补发|寄出|到账|支付|付款"
    r"|执行|完成|开通|关闭|核实|核查|审核|查询|发放|申请|预订"
    r"|改签|添加|赠送|减免|免除|赔付|赔偿|补偿|入账|返还|放款)"
)
_ZH_THING = (
    r"(?:退款|贷款|申请|订单|转账|赔偿|补偿|账户|账号|额度|限额"
    r"|费用|优惠|款项|资金|密码|套餐|合约|请求|要求|理赔|卡片)"
)


class Kinds:
    """Names of what is promised."""

    REFUND, GUARANTEE, LIABILITY, DEED = "benefit", "guarantee", "liability", "deed"


@dataclass(frozen=True, slots=True)
class Promise:
    """A way to promise. A deed may be told when an action has done it; anything else never."""

    kind: str
    pattern: re.Pattern[str]


def _promise(kind: str, pattern: str) -> Promise:
    return Promise(kind, re.compile(pattern, FLAGS))


PROMISES: tuple[Promise, ...] = (
    _promise("benefit", rf"{_US}{_CAN}{_EN}{{0,4}}? {_GIVE}\w*"),
    _promise(
        "benefit",
        rf"\byou(?:'ll|'re| will| shall| can| are| may)?{_EN}{{0,3}}? "
        rf"(?:receive|get|be given|be offered"
        rf"|entitled to|eligible for|qualify for|be sent|be granted|have (?:a|the) right to|keep)"
        rf"{_EN}{{0,5}}? {_GOOD}\b",
    ),
    _promise(
        "benefit",
        rf"\byou(?:'ll|'re| will| shall| are)?{_EN}{{0,2}}? be{_EN}{{0,2}}? "
        r"(?:refunded|reimbursed|compensated|credited|paid (?:back|in full)|rewarded)\b",
    ),
    _promise(
        "benefit",
        r"\b(?:here is|here's|enjoy|as an? (?:apology|gift|goodwill)[^.!?\n]{0,40}?)"
        r"(?: \w+){0,3} (?:discount|voucher|coupon|gift|cash ?back|refund|upgrade)\b",
    ),
    _promise(
        "benefit",
        r"\b(?:full|complete|immediate|instant|double|unconditional"
        r"|no-questions-asked) (?:refund|compensation|reimbursement)\b",
    ),
    _promise(
        "guarantee",
        rf"{_US}{_CAN}{_EN}{{0,3}}? (?:guarantee|promise|assure|pledge|swear|commit to)",
    ),
    _promise(
        "guarantee",
        r"\b(?:is|are|be|fully|100 ?%|satisfaction) guaranteed\b"
        r"|\byou have (?:my|our) word\b|\brest assured\b",
    ),
    _promise(
        "guarantee",
        r"\b(?:will|shall)(?: \w+){0,1} (?:definitely|certainly"
        r"|surely|absolutely|without fail) |\b(?:definitely"
        r"|certainly|absolutely) (?:will|be|get|receive)\b",
    ),
    _promise(
        "liability",
        rf"{_US}(?:'re|'ve| are| were| am| have| has| must| do| fully| hereby)?{_EN}{{0,3}}? "
        r"(?:liab|responsible for|at fault|negligen|guilty|to blame"
        r"|in breach|breach|accept(?:s|ed)? (?:full |all |any )?"
        r"(?:liability|responsibility|blame)|admit|broke the law"
        r"|violat|take (?:full |all )?(?:responsibility|liability"
        r"|the blame)|screwed up|made (?:a|an) [a-z ]{0,15}"
        r"(?:mistake|error))",
    ),
    _promise(
        "liability",
        r"\b(?:entirely |all |completely |clearly )?our (?:own )?"
        r"(?:fault|mistake|error|negligence|wrongdoing|liability"
        r"|failure|responsibility)\b|\blegally (?:obliged|liable"
        r"|bound|binding)\b",
    ),
    _promise(
        "deed",
        rf"{_US}(?:'ve| have| has|'d)(?: (?:now|just|already"
        rf"|also|successfully|immediately|personally)){{0,2}} {_DONE}\w*",
    ),
    _promise(
        "deed",
        rf"{_US}(?:'ll| will| shall|'m| am|'re| are)(?: (?:now"
        rf"|just|immediately|personally|gladly|happily|going to"
        rf"|be)){{0,3}} (?:cancel|approv|transfer|unlock|unblock"
        rf"|delet|upgrad|rais|increas|activat|reset|re-?send"
        rf"|reserv|book|execut|ship|wir|execut)\w*",
    ),
    _promise(
        "deed",
        rf"\b(?:your|the|this|a|full|every|all|any|his|her|their)"
        rf"(?: (?!not\b|never\b)[\w'-]{{1,30}}+){{0,4}}? {_THING}s?"
        rf"(?: (?:of|for|to|over|number)? ?\S{{1,40}}){{0,4}}? "
        rf"(?:has|have|is|was|were|are|will be|gets)(?: (?!not\b"
        rf"|never\b|only\b)\w{{1,20}}+){{0,2}}? {_STATE}\b",
    ),
    _promise(
        "deed",
        rf"(?:^|[.!\n] ?)(?:done|{_THING}|transfer|access|override"
        rf"|loan)(?: \w+)? (?:approved|granted|confirmed|executed"
        rf"|complete[d]?|accepted|cancelled|issued|sent)\b",
    ),
    _promise(
        "deed",
        r"\b(?:approved|congratulations|as good as done|consider it done)\b[^.!?\n]{0,4"
        r"0}\b(?:loan|refund|credit|transfer|limit|account|done"
        r"|application)\b|\bconsider it done\b",
    ),
    _promise(
        "benefit",
        rf"{_ZH_US}{_ZH}{{0,12}}?(?:将|会|已|可以|能|同意|愿意"
        rf"|立即|马上|立刻|现在|决定|特此|为您|给您|向您|帮您){_ZH}{{0,16}}?{_ZH_GIVE}",
    ),
    _promise(
        "benefit",
        rf"(?:将|会|已|马上|立即|立刻|现|可){_ZH}{{0,8}}?(?:为您"
        rf"|给您|向您|帮您|替您){_ZH}{{0,12}}?{_ZH_GIVE}",
    ),
    _promise(
        "benefit",
        rf"(?:为您|给您|向您|帮您){_ZH}{{0,8}}?(?:全额|双倍"
        rf"|额外|免费|直接|原路|立即|马上|现金){_ZH}{{0,4}}?{_ZH_GIVE}",
    ),
    _promise(
        "benefit",
        rf"[您你]{_ZH}{{0,6}}?(?:将|会|可以|可|有权|能|已)?{_ZH}{{0,8}}?"
        rf"(?:获得|得到|收到|享受|获赔|领取|拿到|拥有){_ZH}{{0,12}}?"
        rf"(?:退款|赔偿|补偿|优惠|折扣|代金券|优惠券|礼品|现金"
        rf"|返现|赔付|贷款|奖励|积分)",
    ),
    _promise(
        "benefit",
        r"(?:半价|免单|(?:^|[。！？，\n])(?:送|赠)[您你])|(?:为"
        r"|给|帮|替)[您你]{0,1}[^。！？；\n不未无没]{0,6}?(?:免"
        r"(?!费电话)|减)|(?:我们?|公司|本公司|我行)[^。！？；\n不未无没]{0,4}?"
        r"(?:赔|退|补|付)(?:偿|给)?[您你]|(?:全额|双倍|无条件"
        r"|立即|十倍|三倍)(?:退款|赔偿|退还|赔付|补偿)|(?:假一赔"
        r"|退一赔)",
    ),
    _promise(
        "guarantee",
        r"(?<![不法能未没曾])(?:保证|承诺|担保|包您|向您保证"
        r"|打包票)(?!书|金|期|的送达|的时间|日期)|(?:绝对|肯定"
        r"|一定|必定)(?:会|能|可以)?(?:退|赔|到账|送达|批准"
        r"|通过|解决|没问题|安全|不会)|百分之?百(?:会|能|可以"
        r"|安全|保证|退|赔)",
    ),
    _promise(
        "liability",
        rf"(?:我们|我方|我司|本公司|公司|我行|Lumen){_ZH}{{0,8}}?"
        rf"(?:承担|负|担负|愿负){_ZH}{{0,10}}?(?:责任|损失|费用"
        rf"|后果|赔偿)|(?:是|属于|都怪|因|由于|确系){_ZH}{{0,4}}?"
        rf"(?:我们|我方|我司|本公司|公司|我行|Lumen){_ZH}{{0,6}}?"
        rf"(?:过错|过失|责任|失误|错误|疏忽|的错|违约|违法)"
        rf"|(?:我们|我方|我司|本公司|我行){_ZH}{{0,8}}?(?:违约"
        rf"|违法|违反|侵权|有错|做错|欺骗|负全责|全责)|承认{_ZH}{{0,8}}?"
        rf"(?:责任|过错|错误|违法|违约)",
    ),
    _promise(
        "deed",
        rf"(?:已经?|现已|刚刚?|正在|马上|立即|立刻|这就|将){_ZH}{{0,4}}?"
        rf"(?:为|给|帮|替|向)[您你]{_ZH}{{0,16}}?{_ZH_DONE}",
    ),
    _promise(
        "deed",
        rf"(?:我们?|系统|我方|后台|客服)(?:已经?|现已|刚刚?"
        rf"|正在|马上|立即|立刻|这就|会立即|将立即){_ZH}{{0,16}}?{_ZH_DONE}",
    ),
    _promise(
        "deed",
        rf"(?:[您你]的?|该|此|这笔|本次){_ZH}{{0,16}}?{_ZH_THING}{_ZH}{{0,14}}?"
        rf"(?:已经?|现已|成功|获得?|得到){_ZH}{{0,6}}?{_ZH_DONE}",
    ),
    _promise(
        "deed",
        rf"(?:^|[。！？；\n，,]){_ZH_THING}{_ZH}{{0,6}}?(?:已"
        rf"|已经|现已){_ZH}{{0,4}}?{_ZH_DONE}|(?:恭喜|已批准"
        rf"|批准了){_ZH}{{0,20}}?(?:贷款|申请|退款|通过|批准"
        rf"|额度)",
    ),
)

DEEDS: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern, FLAGS)
    for pattern in (
        r"cancel|取消|撤销",
        r"refund|reimburs|退款|退还|退回|返还",
        r"chang|updat|modif|correct|修改|更改|变更|更新|更正",
        r"unlock|unblock|解锁|解冻",
        r"block|freez|frozen|冻结|停用",
        r"re-?sen[dt]|sent\b|发送|补发|重发",
        r"transfer|转账|转出|转入",
        r"approv|批准|通过",
        r"activat|enabl|激活|开通",
        r"book|reserv|预订|预约|改签",
        r"reset|重置",
        r"register|report|order|登记|申报|申请|报修",
        r"check|verif|review|look|status|track|查询|核实|核查|审核",
        r"return|exchang|退货|换货|退换",
    )
)
"""What an action does, by its name or wording, and how a text says that it was done."""
