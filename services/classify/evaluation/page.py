"""The report as one HTML page that needs no network, no script and no other file.

Labels, languages, file names and messages come from outside: all of them are escaped, and the page
forbids itself to load or run anything.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from services.classify.evaluation import charts
from services.classify.evaluation.console import out_of_scope
from services.classify.evaluation.report import Report

_MOST_CHARACTERS = 1000
_STYLE = """
:root{color-scheme:light dark;--good:#2f7d4f;--bad:#c8452f;--ink:#1d2330;--dim:#68707f;
--line:#d9dde5;--back:#fff;--card:#f5f6f9}
@media(prefers-color-scheme:dark){:root{--good:#57b37f;--bad:#e8745f;--ink:#e6e9ef;--dim:#98a1b1;
--line:#363c49;--back:#15181f;--card:#1e222b}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back);margin:2rem auto;
max-width:72rem;padding:0 1rem}
h1{font-size:1.5rem;margin-bottom:.2rem}h2{font-size:1.15rem;margin-top:2.5rem}
p,figcaption{color:var(--dim);max-width:46rem}
.cards{display:flex;flex-wrap:wrap;gap:.8rem;margin:1.2rem 0}
.card{background:var(--card);border-radius:.5rem;padding:.7rem 1.1rem}
.card b{display:block;font-size:1.5rem}.card span{color:var(--dim);font-size:.85rem}
table{border-collapse:collapse;font-size:.88rem}
th,td{padding:.25rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.scroll{overflow:auto;border:1px solid var(--line);border-radius:.4rem}
.scroll:has(.matrix){max-height:80vh}
.matrix th{position:sticky;left:0;background:var(--back);white-space:nowrap;font-weight:400}
.matrix tr:first-child th{top:0;left:auto;vertical-align:bottom;z-index:1}
.matrix tr:first-child th span{writing-mode:vertical-rl;transform:rotate(180deg)}
.matrix tr:first-child th.corner{left:0;z-index:2;color:var(--dim)}
.matrix td.strong{color:var(--back)}
.matrix td{text-align:center;padding:.15rem .35rem;min-width:1.4rem;
border-left:1px solid var(--line)}
figure{margin:0;max-width:24rem}.pair{display:flex;flex-wrap:wrap;gap:3rem}
svg text{fill:var(--dim);font-size:11px}.axis{fill:none;stroke:var(--dim)}
.bar{fill:var(--good);opacity:.75}.count{fill:var(--dim);opacity:.5}
.guide{stroke:var(--bad);stroke-dasharray:4 4}.curve{fill:none;stroke:var(--good);stroke-width:2}
.mark{stroke:var(--bad);stroke-width:2}.message{white-space:pre-wrap;overflow-wrap:anywhere}
mark{color:inherit;border-radius:.2rem}
"""


def page(report: Report) -> str:
    """The whole page; equal reports give equal pages."""
    model = escape(report["model"])
    data = escape(", ".join(report["data"]))
    parts = [
        f"<h1>{model}</h1>",
        f"<p>{report['rows']} messages of {data}, read on {escape(report['encoder'])}.</p>",
        _cards(report),
        "<h2>By head and language</h2>",
        _heads(report["heads"]),
        "<h2>Out of scope</h2>",
        *(f"<p>{escape(line)}</p>" for line in out_of_scope(report["out_of_scope"])),
    ]
    if "intent" in report:
        parts += _intent(report["intent"])
    for head, told in report["heads"].items():
        parts += [f"<h2>Each {escape(head)}</h2>", _labels(told["by_label"])]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width">'
        f"<title>Evaluation of {model}</title><style>{_STYLE}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _cards(report: Report) -> str:
    cards = [
        card
        for head, told in report["heads"].items()
        for card in (
            (f"{told['all']['accuracy']:.1%}", f"{head} accuracy"),
            (f"{told['all']['macro_f1']:.3f}", f"{head} macro-F1"),
        )
    ]
    if "intent" in report:
        selective = report["intent"]["risk_coverage"]
        cards += [
            (f"{report['heads']['intent']['all']['ece']:.3f}", "intent calibration error"),
            (f"{selective['coverage']:.1%}", f"answered with {selective['risk']:.0%} wrong"),
        ]
    if "auroc" in report["out_of_scope"]:
        cards.append((f"{report['out_of_scope']['auroc']:.3f}", "out-of-scope AUROC"))
    shown = (f'<div class="card"><b>{value}</b><span>{name}</span></div>' for value, name in cards)
    return f'<div class="cards">{"".join(shown)}</div>'


def _heads(heads: Mapping[str, Any]) -> str:
    rows = []
    for head, told in heads.items():
        for language, found in [("all", told["all"]), *told["by_language"].items()]:
            rows.append((head, language, *_numbers(found, "ece", "log_loss")))
        if "after_rules" in told:
            after = told["after_rules"]
            name = f"{head} after the rules ({after['raised']} raised)"
            rows.append((name, "all", *_numbers({"rows": None, **after}), "", ""))
    names = ("head", "language", "messages", "accuracy", "macro-F1", "ECE", "log loss")
    return _table(names, rows, text_columns=2)


def _numbers(found: Mapping[str, Any], *more: str) -> list[str]:
    return [
        "" if found["rows"] is None else str(found["rows"]),
        *(_number(found.get(name)) for name in ("accuracy", "macro_f1", *more)),
    ]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _intent(told: Report) -> list[str]:
    selective = told["risk_coverage"]
    confusion = told["confusion"]
    pairs = [(pair["label"], pair["predicted"], str(pair["rows"])) for pair in told["confused"]]
    return [
        "<h2>Can the confidence be trusted?</h2>",
        '<div class="pair"><figure>',
        charts.reliability_diagram(told["reliability"]),
        "<figcaption>Bars on the dashed line are calibrated; below it, too sure.</figcaption>",
        "</figure><figure>",
        charts.risk_coverage_curve(selective["curve"], selective["risk"], selective["coverage"]),
        "<figcaption>Answering only the messages it is surest of:"
        f" {selective['coverage']:.1%} of them with at most {selective['risk']:.0%} wrong."
        f" Area under the curve (AURC) {selective['aurc']:.4f}.</figcaption>",
        "</figure></div>",
        "<h2>Confusion of intents</h2>",
        charts.heat_map(confusion["labels"], confusion["counts"]),
        "<h2>Confused most</h2>",
        _table(("label", "predicted", "messages"), pairs, text_columns=2),
        "<h2>The surest mistakes</h2>",
        "<p>Wrong intents, the most confident first. Words that spoke for the wrong one are marked,"
        " stronger ones more; where a label is doubtful, look at it too.</p>",
        _mistakes(told["mistakes"]),
    ]


def _mistakes(mistakes: Sequence[Mapping[str, Any]]) -> str:
    rows = "".join(
        f'<tr><td class="n">{told["confidence"]:.3f}</td><td>{escape(told["label"])}</td>'
        f"<td>{escape(told['predicted'])}</td>"
        f'<td class="message" dir="auto">{highlighted(told["text"], told["evidence"])}</td>'
        f"<td>{escape(told['where'])}</td></tr>"
        for told in mistakes
    )
    head = _header(("confidence", "label", "predicted", "message", "where"), 0, numbers=1)
    return f'<div class="scroll"><table>{head}{rows}</table></div>'


def highlighted(text: str, evidence: Iterable[Mapping[str, Any]]) -> str:
    """The text as HTML with its evidence marked: the strongest word fully, the weakest hardly.
    Long texts are cut."""
    cut = text[:_MOST_CHARACTERS]
    inside = sorted(
        (clue for clue in evidence if clue["end"] <= len(cut)), key=lambda clue: clue["start"]
    )
    weights = [clue["weight"] for clue in inside]
    most = max(weights, default=0.0)
    least = min(weights, default=0.0) if len(weights) > 1 else 0.0
    parts: list[str] = []
    place = 0
    for clue in inside:
        strength = (clue["weight"] - least) / (most - least) if most > least else 1.0
        share = round(5 + 55 * strength)
        word = escape(cut[clue["start"] : clue["end"]])
        parts.append(escape(cut[place : clue["start"]]))
        parts.append(
            f'<mark style="background:color-mix(in srgb,var(--bad) {share}%,transparent)"'
            f' title="{clue["weight"]:+.2f}">{word}</mark>'
        )
        place = clue["end"]
    more = " …" if len(text) > len(cut) else ""
    return "".join([*parts, escape(cut[place:]), more])


def _labels(found: Mapping[str, Any]) -> str:
    rows = [
        (label, str(told["rows"]), *(_number(told[name]) for name in ("precision", "recall", "f1")))
        for label, told in found.items()
    ]
    return _table(("label", "messages", "precision", "recall", "F1"), rows, text_columns=1)


def _table(names: Sequence[str], rows: Iterable[Sequence[str]], *, text_columns: int) -> str:
    lines = [_header(names, text_columns)]
    for row in rows:
        cells = "".join(
            f"<td>{escape(value)}</td>" if place < text_columns else f'<td class="n">{value}</td>'
            for place, value in enumerate(row)
        )
        lines.append(f"<tr>{cells}</tr>")
    return f'<div class="scroll"><table>{"".join(lines)}</table></div>'


def _header(names: Sequence[str], text_columns: int, *, numbers: int | None = None) -> str:
    last = len(names) if numbers is None else text_columns + numbers
    cells = "".join(
        f'<th class="n">{name}</th>' if text_columns <= place < last else f"<th>{name}</th>"
        for place, name in enumerate(names)
    )
    return f"<tr>{cells}</tr>"
