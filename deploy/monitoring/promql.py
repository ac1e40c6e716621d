"""The few forms that queries of panels and rules have."""

PANEL = "$__rate_interval"
"""The window Grafana chooses: at least four scrapes."""


def rate(metric: str, by: str = "", window: str = PANEL) -> str:
    """Per second, added up over what `by` leaves out."""
    return f"sum {_by(by)}(rate({metric}[{window}]))"


def quantile(share: float, histogram: str, by: str = "", window: str = PANEL) -> str:
    """Of the observations in the window. `histogram` is its name, with labels in braces."""
    name, brace, labels = histogram.partition("{")
    labels = "le" if not by else f"{by}, le"
    return (
        f"histogram_quantile({share}, "
        f"sum by ({labels}) (rate({name}_bucket{brace}{histogram.partition('{')[2]}[{window}])))"
    )


def ratio(part: str, whole: str) -> str:
    """Nothing where there is no whole."""
    return f"{part} / ({whole} > 0)"


def new_in(counter: str, window: str, by: str = "") -> str:
    """How much was counted in the window.

    `increase` alone overlooks what a series has when it appears: the first dead letter with a code,
    and what a process counted before it was first asked. A series that was not there a window ago
    counts from zero.
    """
    born = f"{counter} unless {counter} offset {window}"
    return f"sum {_by(by)}(({born}) or increase({counter}[{window}]))"


def _by(labels: str) -> str:
    return f"by ({labels}) " if labels else ""
