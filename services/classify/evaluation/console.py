"""The report in a few lines for a terminal."""

from collections.abc import Mapping
from typing import Any

from services.classify.evaluation.report import Report

_SHOWN_PAIRS = 5


def summary(report: Report) -> str:
    """The figures by head and language, out of scope, selective answering, what is confused."""
    lines = [f"{report['rows']} rows, {report['model']} on {report['encoder']}", ""]
    lines.append(
        f"{'head':<10} {'lang':<5} {'rows':>6} {'accuracy':>9} {'macro-F1':>9} {'ECE':>6}"
        f" {'log loss':>9}"
    )
    for head, told in report["heads"].items():
        languages = told["by_language"]
        lines.append(_line(head, "all", told["all"]))
        if len(languages) > 1:
            lines += [_line(head, language, languages[language]) for language in languages]
        if "after_rules" in told:
            after = told["after_rules"]
            lines.append(
                f"{'  after the rules':<23} {after['accuracy']:>9.3f} {after['macro_f1']:>9.3f}"
                f"   ({after['raised']} raised)"
            )
    lines += ["", *out_of_scope(report["out_of_scope"])]
    if "intent" in report:
        selective = report["intent"]["risk_coverage"]
        lines.append(
            f"answering the surest only: {selective['coverage']:.1%} of messages with at"
            f" most {selective['risk']:.0%} wrong; AURC {selective['aurc']:.4f}"
        )
        pairs = report["intent"]["confused"][:_SHOWN_PAIRS]
        if pairs:
            told = ", ".join(f"{p['label']} as {p['predicted']} {p['rows']}" for p in pairs)
            lines.append(f"confused most: {told}")
    return "\n".join(lines)


def out_of_scope(told: Mapping[str, Any]) -> list[str]:
    """One or two lines; positive are the messages that are out of scope."""
    outside, inside = told["rows_out_of_scope"], told["rows_in_scope"]
    lines = []
    if "auroc" in told:
        lines.append(
            f"out of scope (positive, {outside} rows, against {inside}): AUROC"
            f" {told['auroc']:.3f}, FPR at 95% TPR {told['fpr_at_95_tpr']:.3f}"
        )
    found = "" if told["found"] is None else f"{told['found']:.1%} of what is out of scope found"
    alarms = "" if told["false_alarms"] is None else f"{told['false_alarms']:.1%} false alarms"
    shares = ", ".join(filter(None, (found, alarms)))
    return [*lines, f"at the model's threshold {told['threshold']:.3f}: {shares}"]


def _line(head: str, language: str, told: Mapping[str, Any]) -> str:
    return (
        f"{head:<10} {language:<5} {told['rows']:>6} {told['accuracy']:>9.3f}"
        f" {told['macro_f1']:>9.3f} {told['ece']:>6.3f} {told['log_loss']:>9.3f}"
    )
