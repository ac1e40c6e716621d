"""What a hand-over is written with, in the languages agents read."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Words:
    """One language's lines, with their places; labels, codes and names stay as they are."""

    wish: str
    sure: str
    mood: str
    facts: str
    tried: str
    action: str
    nearest: str
    turn: str
    first_contact: str
    history: str
    earlier: str
    mood_so_far: str
    moods: Mapping[str, str]
    satisfaction: str
    open_tickets: str
    segment: str
    foreseen: str
    because: str
    message: str
    no_text: str
    comma: str
    semicolon: str


WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "en": Words(
            wish="Wish: {intent}{sure}.",
            sure=" ({share} sure)",
            mood="Mood: {mood}. Priority: {priority}.",
            facts="Named: {facts}.",
            tried="Tried: {tried}.",
            action="action {action} {status}",
            nearest='nearest answer "{entry}" ({share} sure)',
            turn="Message {turn} of this ticket",
            first_contact="{turn}. First contact as far as known.",
            history="{turn}. {told}.",
            earlier="Earlier messages: {count} about {about}",
            mood_so_far="mood so far {mood}",
            moods=MappingProxyType(
                {
                    "very_negative": "very negative",
                    "negative": "negative",
                    "neutral": "neutral",
                    "positive": "positive",
                }
            ),
            satisfaction="satisfaction {stars} of 5",
            open_tickets="other open tickets: {count}",
            segment="segment {segment}",
            foreseen="{target} foreseen ({share})",
            because="Handed over because: {reasons}.",
            message="Message: {text}",
            no_text="(no text)",
            comma=", ",
            semicolon="; ",
        ),
        "zh": Words(
            wish="诉求：{intent}{sure}。",
            sure="（把握 {share}）",
            mood="情绪：{mood}。优先级：{priority}。",
            facts="提到：{facts}。",
            tried="已尝试：{tried}。",
            action="操作 {action} {status}",
            nearest="最接近的答案“{entry}”（把握 {share}）",
            turn="本工单第 {turn} 条消息",
            first_contact="{turn}。据现有记录为首次来信。",
            history="{turn}。{told}。",
            earlier="此前消息 {count} 条：{about}",
            mood_so_far="以往情绪{mood}",
            moods=MappingProxyType(
                {
                    "very_negative": "很差",
                    "negative": "较差",
                    "neutral": "平稳",
                    "positive": "良好",
                }
            ),
            satisfaction="满意度 {stars}/5",
            open_tickets="其他未结工单 {count} 个",
            segment="客户分层 {segment}",
            foreseen="预计 {target}（{share}）",
            because="转人工原因：{reasons}。",
            message="原文：{text}",
            no_text="（没有文字）",
            comma="，",
            semicolon="；",
        ),
    }
)
