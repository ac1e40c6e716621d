"""What no reply may promise or admit: the list. Refunds, compensation, discounts, guarantees,
liability, approvals, and deeds that nobody has done.

A sentence that stands word for word in a cited entry or among our own is no promise of the
writer's. A condition, a question or a negation is none either. Only what an action has really done
may be said to be done.
"""

import re

from services.generate.domain.guardrails.characters import FLAGS
from services.generate.domain.guardrails.promises_en import ENGLISH
from services.generate.domain.guardrails.promises_zh import CHINESE

PROMISES = (*ENGLISH, *CHINESE)

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
        r"register|report|登记|申报|申请|报修",
        r"check|verif|review|look|status|track|查询|核实|核查|审核",
        r"return|exchang|退货|换货|退换",
    )
)
"""What an action does, by its name or wording, and how a text says that it was done."""
