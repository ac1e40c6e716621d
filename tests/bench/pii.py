"""Recall and precision of finding personal data on the public sets in ../shared/data/pii.

Single identifiers are judged alone and within a sentence that says what they are. Of a list of
wrong identifiers whatever is found as that kind is wrong.
"""

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from services.ingest.domain.judging import Labelled, Span, judge
from services.ingest.domain.pii.kinds import Kind
from services.ingest.evaluate_pii import table
from services.ingest.labelled import read
from services.ingest.main import rules_of
from services.ingest.settings import Settings

DATA = Path(__file__).parents[3] / "shared" / "data" / "pii"
UNLABELLED = [
    DATA.parent / "intents" / name
    for name in ("banking77_train.csv", "clinc150_train_val.csv", "hint3_train.csv")
]

_CLASSES: dict[str, Kind] = {
    "TestCNPhoneRecognizer": "PHONE",
    "TestCNIDCardRecognizer": "ID",
    "TestCNBankCardRecognizer": "CARD",
    "TestCNPassportRecognizer": "PASSPORT",
    "TestCNEmailRecognizer": "EMAIL",
}
_CHECKS: dict[str, Kind] = {
    "isPassportNumber": "PASSPORT",
    "isIdentityCard": "ID",
    "isMobilePhone": "PHONE",
}
_SENTENCES: dict[Kind, str] = {
    "PHONE": "我的手机号是{}",
    "ID": "我的身份证号是{}",
    "CARD": "我的银行卡号是{}",
    "PASSPORT": "我的护照号是{}",
    "EMAIL": "我的邮箱是{}",
}


def main() -> int:
    if not DATA.is_dir():
        sys.stdout.write(f"no data: {DATA} is not there\n")
        return 0
    find = rules_of(Settings()).finder.find
    sets = {
        "presidio_even (labelled spans)": read([DATA / "presidio_even.jsonl"]),
        "cn_cases_sentences (spans as many as expected)": sentences(),
        "cn_cases_values alone": values("cn_cases_values.csv", "{}"),
        "cn_cases_values in a sentence": values("cn_cases_values.csv", None),
        "validatorjs_even alone": values("validatorjs_even.csv", "{}"),
        "validatorjs_even in a sentence": values("validatorjs_even.csv", None),
    }
    for name, rows in sets.items():
        sys.stdout.write(f"== {name}\n{table(judge(rows, find))}\n")
    sys.stdout.write("== unlabelled messages, most without personal data: what is found in them\n")
    for path in UNLABELLED:
        found = Counter(item.kind for text in texts(path) for item in find(text))
        sys.stdout.write(f"{path.name:<24}{len(list(texts(path))):>7}  {dict(found)}\n")
    return 0


def texts(path: Path) -> Iterator[str]:
    """The messages of a CSV file."""
    with path.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            yield row["text"]


def values(file: str, sentence: str | None) -> Iterator[Labelled]:
    """Identifiers, each a text of its own or in its kind's sentence; wrong ones unlabelled."""
    with (DATA / file).open(encoding="utf-8", newline="") as rows:
        for number, row in enumerate(csv.DictReader(rows), 2):
            kind = _CLASSES[row["class"]] if "class" in row else _CHECKS[row["type"]]
            valid = (row.get("list") or row["label"]).startswith("valid")
            before, after = (sentence or _SENTENCES[kind]).split("{}")
            start, value = len(before), row["value"]
            spans = (Span(start, start + len(value), kind),) if valid and value else ()
            yield Labelled(
                f"{file}:{number}", before + value + after, spans, row.get("locale") or "zh"
            )


def sentences() -> Iterator[Labelled]:
    """Sentences with the number of identifiers in them; each span is one run of code characters."""
    name = "cn_cases_sentences.csv"
    with (DATA / name).open(encoding="utf-8", newline="") as rows:
        for number, row in enumerate(csv.DictReader(rows), 2):
            kind, expected = _CLASSES.get(row["class"]), json.loads(row["expected"])
            if kind is None or not isinstance(expected[0], int):
                continue
            spans = tuple(_codes(row["text"], kind))[: expected[0]]
            yield Labelled(f"{name}:{number}", row["text"], spans, "zh")


def _codes(text: str, kind: Kind) -> Iterator[Span]:
    start = None
    for place, character in enumerate(f"{text}。"):
        is_code = character.isascii() and (character.isalnum() or character in "@._+- ")
        if is_code and start is None:
            start = place
        elif not is_code and start is not None:
            if any(map(str.isdigit, text[start:place])) or "@" in text[start:place]:
                yield Span(start, place, kind)
            start = None


if __name__ == "__main__":
    sys.exit(main())
