"""The fixed sentences around an answer. None of them states a fact about the company.

Every sentence careloop sends stands here or in a cited entry.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.generate.domain.entries import primary

NAME = "[NAME_1]"
"""The placeholder ingest puts for the customer's own name."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language's courtesies. `greeting_by_name` holds the NAME placeholder, `handover_to` the
    place of one of the `teams`, which are named by their queue."""

    language: str
    greeting: str
    greeting_by_name: str
    sorry: str
    thanks: str
    handover: str
    handover_to: str
    teams: Mapping[str, str]
    closing: str
    sign_off: str
    disclosure: str
    between: str


EN = Phrases(
    language="en",
    greeting="Hello,",
    greeting_by_name=f"Hello {NAME},",
    sorry="We are sorry for the trouble.",
    thanks="Thank you very much for your kind words.",
    handover="Thank you for your message. A colleague is taking it over from here.",
    handover_to="Thank you for your message. A colleague from our {team} team is taking it over"
    " from here.",
    teams=MappingProxyType(
        {
            "orders": "orders",
            "delivery": "delivery",
            "returns": "returns and refunds",
            "sales": "sales",
            "technical": "technical",
            "payments": "billing",
            "accounts": "customer accounts",
            "banking": "banking",
            "cards": "cards",
            "telecom": "mobile and internet",
            "bookings": "bookings",
            "complaints": "complaints",
            "retention": "contracts",
        }
    ),
    closing="If this does not answer your question, simply reply to this message.",
    sign_off="Kind regards\nCustomer Service",
    disclosure="This reply was written by an AI.",
    between=" ",
)
ZH = Phrases(
    language="zh",
    greeting="您好！",
    greeting_by_name=f"{NAME}，您好！",
    sorry="给您添麻烦了，我们深表歉意。",
    thanks="非常感谢您的肯定。",
    handover="感谢您的来信。接下来将由我们的同事为您处理。",
    handover_to="感谢您的来信。接下来将由我们{team}的同事为您处理。",
    teams=MappingProxyType(
        {
            "orders": "负责订单",
            "delivery": "负责配送",
            "returns": "负责退换货和退款",
            "sales": "负责销售",
            "technical": "负责技术支持",
            "payments": "负责账单和支付",
            "accounts": "负责客户账号",
            "banking": "负责银行业务",
            "cards": "负责银行卡",
            "telecom": "负责手机和宽带业务",
            "bookings": "负责预订",
            "complaints": "负责投诉",
            "retention": "负责合约",
        }
    ),
    closing="如果以上内容没有解答您的问题，直接回复本消息即可。",
    sign_off="祝好\n客户服务",
    disclosure="本回复由人工智能撰写。",
    between="",
)
PHRASES: Mapping[str, Phrases] = MappingProxyType({"en": EN, "zh": ZH})


def phrases_for(language: str) -> Phrases:
    """The courtesies in this language, or the English ones where there are none."""
    return PHRASES.get(primary(language), EN)
