"""Made-up messages of two weeks in two languages, with a known truth.

Planted in the second week: refunds triple; a trouble with the codes of parcel lockers; a question
about gift cards abroad that only agents answer; people who look for a job; and a vacuum cleaner
whose buyers write again.
"""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import rjieba
from numpy.typing import NDArray

from services.feedback.domain.insight.message import Cited, Message
from services.feedback.domain.verdicts import Verdict
from shared.words import words_of

END = datetime(2026, 11, 23, tzinfo=UTC)
WIDTH = 64
Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True)
class Theme:
    """Ways to say one thing; `before` and `now` are messages in the first and the second week."""

    name: str
    intent: str
    before: int
    now: int
    en: tuple[str, ...]
    zh: tuple[str, ...]
    sentiment: str = "neutral"
    decision: str = "answer"
    answerable: float = 0.9
    verdict: Verdict = "unknown"
    queue: str | None = None
    cited: Cited | None = None
    is_out_of_scope: bool = False
    replies_en: tuple[str, ...] = ()
    replies_zh: tuple[str, ...] = ()


THEMES = (
    Theme(
        "status", "order_status", 24, 26,
        ("Where is my order?", "Has my parcel been shipped yet?", "When will my package arrive?",
         "Could you tell me the status of order {order}?", "Tracking has not moved since Monday"),
        ("我的订单到哪了？", "请问什么时候发货？", "包裹几号能到", "帮我查一下订单{order}的物流",
         "物流信息好几天没动了"),
    ),
    Theme(
        "refund", "refund", 12, 36,
        ("I want my money back", "When do I get my refund?", "Refund for order {order} please",
         "How long does a refund to my card take?", "Still waiting for the money you owe me"),
        ("我要退款", "退款什么时候到账？", "请把订单{order}的钱退给我", "退款要多久才能退到银行卡",
         "钱还没退回来"),
    ),
    Theme(
        "invoice", "invoice", 14, 13,
        ("I need an invoice for my company", "Please send the receipt again",
         "Can you put our tax number on the invoice?"),
        ("请开一张公司发票", "电子发票在哪里下载", "发票抬头写错了，能重开吗"),
    ),
    Theme(
        "login", "account_access", 16, 15,
        ("I forgot my password", "The verification text never comes", "My account is locked"),
        ("忘记密码了怎么办", "一直收不到验证码", "账号被锁了登不上去"),
    ),
    Theme(
        "plan", "usage_plan", 12, 12,
        ("How much data do I have left?", "Which plan am I on?", "Can I switch to a bigger plan?"),
        ("这个月还剩多少流量", "我现在是什么套餐", "想换个流量多一点的套餐"),
    ),
    Theme(
        "locker", "delivery_problem", 0, 18,
        ("The parcel locker does not open with the code you sent",
         "Your locker code is wrong, the locker stays shut",
         "I stood at the locker for ten minutes and the pickup code was refused",
         "Locker says the code has expired, this is ridiculous",
         "The code for the parcel locker never works, [NAME_1] can confirm"),
        ("快递柜的取件码打不开柜子", "你们发的取件码是错的，快递柜一直打不开",
         "在快递柜前站了十分钟，取件码提示无效", "快递柜说取件码过期了，太离谱了",
         "取件码根本没用，快递柜打不开，[NAME_1]也试过"),
        sentiment="negative", verdict="bad", cited=Cited("en/shop.md", "parcel-locker"),
    ),
    Theme(
        "rude", "complaint", 7, 7,
        ("Your agent on the phone was rude to me", "The person I talked to hung up on me",
         "What an unfriendly hotline, the agent shouted"),
        ("你们客服态度太差了", "电话里的客服直接挂了我的电话", "客服说话很不耐烦，态度恶劣"),
        sentiment="negative", decision="escalate", queue="complaints", answerable=0.7,
    ),
    Theme(
        "gift", "product_info", 0, 12,
        ("Can I use a gift card in another country?", "Does my gift card work abroad?",
         "Will the gift card be accepted in your shops overseas?",
         "I got a gift card, can my sister in Spain spend it?"),
        ("礼品卡可以在国外用吗？", "礼品卡在海外门店能用吗", "请问礼品卡出国以后还能使用吗",
         "我在国外的亲戚能用这张礼品卡吗"),
        decision="draft", answerable=0.2, queue="sales",
        replies_en=(
            "Hello [NAME_1], gift cards work in the country where they were bought. "
            "In other countries you can use them in the online shop only.",
            "Gift cards work in the country where they were bought. "
            "In other countries you can use them in the online shop only. Best regards, [NAME_2]",
            "They work in the country they were bought in, abroad only online.",
        ),
        replies_zh=(
            "您好，[NAME_1]。礼品卡只能在购买国家的门店使用。在其他国家可以在网上商城使用。",
            "礼品卡只能在购买国家的门店使用。在其他国家可以在网上商城使用。祝您生活愉快！",
            "国外门店不行，网上可以。",
        ),
    ),
    Theme(
        "job", "out_of_scope", 1, 14,
        ("Are you hiring at the moment?", "I would like to apply for a job at your company",
         "Do you have any open jobs in your warehouse?", "Where do I send my job application?"),
        ("你们公司现在招聘吗？", "我想应聘你们的工作", "仓库还招人吗，想找份工作",
         "应聘的简历发到哪里"),
        decision="escalate", is_out_of_scope=True, answerable=0.1,
    ),
    Theme(
        "chat", "out_of_scope", 6, 6,
        ("hello there", "who won the football match", "tell me a joke", "how old is the moon"),
        ("在吗", "今天天气怎么样", "讲个笑话吧", "世界杯谁赢了"),
        decision="escalate", is_out_of_scope=True, answerable=0.1,
    ),
)  # fmt: skip

VACUUM = Theme(
    "vacuum", "product_fault", 0, 16,
    ("My Orbit V8 stopped charging", "The Orbit V8 does not turn on any more",
     "The battery of my Orbit V8 is dead after a week"),
    ("Orbit V8充不进电", "Orbit V8开不了机了", "Orbit V8用了一周电池就坏了"),
    decision="escalate", queue="technical", answerable=0.8,
)  # fmt: skip


def messages(embed: Embed | None = None, seed: int = 7) -> tuple[Message, ...]:
    """All of them; their vectors are `embed`'s, or synthetic ones of their themes."""
    rng = np.random.default_rng(seed)
    made = [told for theme in THEMES for told in _of(theme, rng)] + list(_repeated(rng))
    if embed is not None:
        vectors = embed([message.text for _, message in made])
    else:
        vectors = np.stack([_synthetic(theme, message) for theme, message in made])
    return tuple(
        replace(message, vector=vector) for (_, message), vector in zip(made, vectors, strict=True)
    )


def of_theme(found: Sequence[Message], name: str) -> list[Message]:
    """Those planted under this name."""
    return [message for message in found if message.ticket_id.startswith(f"{name}-")]


def _of(theme: Theme, rng: np.random.Generator) -> Iterator[tuple[Theme, Message]]:
    for number in range(theme.before + theme.now):
        week = 1 if number < theme.before else 0
        at = END - timedelta(days=7 * week + float(rng.uniform(0.01, 6.9)))
        yield theme, _message(theme, f"{theme.name}-{number}", number, at, rng)


def _repeated(rng: np.random.Generator) -> Iterator[tuple[Theme, Message]]:
    """Every vacuum cleaner's buyer writes again a day later, in a new ticket."""
    for number in range(VACUUM.now):
        at = END - timedelta(days=float(rng.uniform(4, 9)))
        for again in (0, 1):
            ticket = f"vacuum-{number}-{again}"
            message = _message(VACUUM, ticket, number, at + timedelta(days=again), rng)
            yield VACUUM, replace(message, products=("Orbit V8",))


def _message(
    theme: Theme, ticket: str, number: int, at: datetime, rng: np.random.Generator
) -> Message:
    language = "zh" if number % 2 else "en"
    ways = theme.zh if language == "zh" else theme.en
    replies = theme.replies_zh if language == "zh" else theme.replies_en
    start = ("", "您好，", "请问一下，", "") if language == "zh" else ("", "Hi, ", "Hello. ", "")
    text = str(rng.choice(start)) + str(rng.choice(ways)).format(order=rng.integers(10**7, 10**8))
    return Message(
        ticket_id=ticket,
        message_id="m1",
        customer_key=f"customer-{theme.name}-{number}",
        at=at,
        text=text,
        words=words_of(text, rjieba.cut),
        language=language,
        vector=None,
        intent=theme.intent,
        sentiment=theme.sentiment,
        is_out_of_scope=theme.is_out_of_scope,
        decision=theme.decision,
        reasons=("no_matching_answer",) if theme.answerable < 0.5 else (),
        verdict=theme.verdict,
        answerable=theme.answerable,
        queue=theme.queue,
        cited=theme.cited,
        agent_reply=str(rng.choice(replies)) if replies else None,
    )


def _synthetic(theme: Theme, message: Message) -> Vectors:
    """Near the others of its theme, and off by what all of its language share; chit-chat is near
    nothing."""
    own = f"{message.ticket_id} {message.text}"
    subject = _direction(own if theme.name == "chat" else theme.name)
    vector = 3 * _direction("all") + _direction(message.language) + subject + 0.4 * _direction(own)
    unit: Vectors = (vector / np.linalg.norm(vector)).astype(np.float32)
    return unit


def _direction(name: str) -> Vectors:
    drawn = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(WIDTH)
    unit: Vectors = (drawn / np.linalg.norm(drawn)).astype(np.float32)
    return unit
