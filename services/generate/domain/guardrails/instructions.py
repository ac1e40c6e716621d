"""Sentences that speak to a machine: no customer needs them answered, no page of a company's holds
them. They are looked for to see that a source was tampered with; nothing relies on finding all."""

import re
from functools import lru_cache

from services.generate.domain.guardrails.characters import FLAGS, plain

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")
_ENGLISH = (
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.!?\n]{0,40}"
    r"\b(?:instructions?|prompts?|rules?|guidelines|policy|policies"
    r"|above|guardrails?|directives?)\b",
    r"\b(?:system|developer) (?:prompt|message|override|mode|note)\b",
    r"\byou are (?:now|no longer|henceforth)\b|\bfrom now on,? you\b"
    r"|\bpretend (?:to be|that you)\b",
    r"\b(?:act|behave|respond|answer|reply) (?:only )?as (?:if you|an? |the )",
    r"\b(?:note|message|instructions?|attention|important)?:? ?(?:to|for) (?:the |all )?"
    r"(?:ai|bot|llm|assistants?|chatbots?|language models?)\b",
    r"\b(?:ai|assistants?|chatbots?|bots?|language models?),? "
    r"(?:must|should|shall|will|please|has to)\b",
    r"\b(?:tell|inform|assure|promise|send|ask|instruct|direct"
    r"|give|offer) (?:every |all |the |each |any )?"
    r"(?:customers?|users?|callers?|clients?|readers?) (?:to|that|for|their|the|this|a|an|free)\b",
    r"\bnew instructions?\b|\bin your (?:reply|answer|response)\b"
    r"|\bdo not tell the (?:user|customer)",
    r"\bif you (?:are|'re) an? (?:ai|assistant|llm|language model|bot)\b|\bdan mode\b|\bjailbreak",
    r"<\|?/?(?:im_start|im_end|system|assistant|user|endoftext)\b"
    r"|\[/?(?:INST|SYS|SYSTEM)\]|<<SYS>>",
    r"(?:^|\n) ?#* ?(?:system|assistant|developer) ?:|\"role\" ?: ?\"(?:system|assistant)",
)
_CHINESE = (
    r"(?:忽略|无视|忘记|忘掉|不要理会|绕过|跳过|覆盖)[^。！？\n]{0,20}"
    r"(?:指令|指示|规则|提示词?|设定|要求|限制|以上|上面|之前"
    r"|前面)",
    r"系统提示|系统指令|系统消息|开发者模式|提示词|越狱",
    r"(?:你|您)现在(?:是|扮演|的身份)|从现在(?:起|开始),?，?(?:你|您)|扮演|假装(?:你|自己)?是",
    r"(?:AI|人工智能|机器人|智能客服|语言模型|助手)(?:助手|客服)?[^。！？\n]{0,6}"
    r"(?:请|必须|应当|应该|务必|须)",
    r"(?:请|务必|必须|应)?(?:告诉|告知|通知|答复|回复|要求|引导"
    r"|让)(?:所有|每位|每个|全部|该)?(?:客户|用户|顾客|来电者"
    r"|读者)",
    r"新的?指令|(?:在|于)(?:你|您)的(?:回复|回答|答复)(?:中|里)|不要告诉(?:用户|客户)",
)
_COMMENT = r"<!--|<(?:script|style|system|instructions?)\b|display: ?none"
_PATTERN = re.compile("|".join((*_ENGLISH, *_CHINESE, _COMMENT)), FLAGS)


@lru_cache(maxsize=4096)
def is_to_a_machine(text: str) -> bool:
    """Whether the text gives orders to whoever writes replies, openly or with hidden letters."""
    return _PATTERN.search(_UNSEEN.sub("", plain(text))) is not None
