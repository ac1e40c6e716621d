"""The fixed sentences around an answer. None of them states a fact about the company.

Every sentence careloop sends stands here, in the catalogue of actions or in a cited entry.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

from services.generate.domain.entries import primary

NAME = "[NAME_1]"
"""The placeholder ingest puts for the customer's own name."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language's courtesies in one tone. `greeting_by_name` holds the NAME placeholder,
    `handover_to` the place of one of the `teams`, which are named by their queue, `about_order`
    that of an order number, and `offers`, by reason, those of the `{title}` of what is recommended
    and of what it goes with, `{because}`."""

    language: str
    greeting: str
    greeting_by_name: str
    sorry: str
    thanks: str
    about_order: str
    handover: str
    handover_to: str
    teams: Mapping[str, str]
    offers: Mapping[str, str]
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
    about_order="Thank you for your message about order {order}.",
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
    offers=MappingProxyType(
        {
            "bought_together": "By the way: {title} is often chosen together with {because}.",
            "similar_content": "By the way: {title} may be to your liking, as {because} was.",
            "popular": "By the way: many of our customers choose {title}.",
            "exceeds_plan": "By the way: you are likely to use more than {because} holds this"
            " period; {title} holds more.",
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
    about_order="关于您的订单 {order}：",
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
    offers=MappingProxyType(
        {
            "bought_together": "另外，很多顾客会把{title}和{because}一起选购。",
            "similar_content": "另外，您选过{because}，{title}也许适合您。",
            "popular": "另外，很多顾客会选择{title}。",
            "exceeds_plan": "另外，您本期的用量很可能会超出{because}，{title}的额度更高。",
        }
    ),
    closing="如果以上内容没有解答您的问题，直接回复本消息即可。",
    sign_off="祝好\n客户服务",
    disclosure="本回复由人工智能撰写。",
    between="",
)
_FRIENDLY = {
    "en": replace(
        EN,
        greeting="Hi there,",
        greeting_by_name=f"Hi {NAME},",
        sorry="Sorry about the trouble.",
        closing="Anything still open? Just reply to this message.",
        sign_off="Best wishes\nCustomer Service",
    ),
    "zh": replace(
        ZH,
        greeting="你好！",
        greeting_by_name=f"{NAME}，你好！",
        sorry="给你添麻烦了，真的很抱歉。",
        closing="还有不清楚的地方，直接回复这条消息就好。",
    ),
}
_FORMAL = {"en": EN, "zh": ZH}


def phrases_for(language: str, tone: str = "formal") -> Phrases:
    """The courtesies in this language, or the English ones where there are none."""
    in_tone = _FRIENDLY if tone == "friendly" else _FORMAL
    return in_tone.get(primary(language), in_tone["en"])


def every() -> Iterator[Phrases]:
    """All there are."""
    yield from _FORMAL.values()
    yield from _FRIENDLY.values()


@cache
def sentences() -> tuple[str, ...]:
    """Every fixed sentence, with its places."""
    found: list[str] = []
    for phrases in every():
        found += [
            phrases.greeting,
            phrases.greeting_by_name,
            phrases.sorry,
            phrases.thanks,
            phrases.about_order,
            phrases.handover,
            *(phrases.handover_to.format(team=team) for team in phrases.teams.values()),
            *phrases.offers.values(),
            phrases.closing,
            phrases.sign_off,
            phrases.disclosure,
        ]
    return tuple(dict.fromkeys(found))
