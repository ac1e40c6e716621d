"""Help-centre pages become entries: what a reader sees, by heading and by pair."""

import re
from datetime import date
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.generate.domain.entries import Entry
from services.generate.knowledge.sources.html import entries_of
from services.generate.knowledge.sources.sections import LONGEST_SLUG
from services.generate.knowledge.sources.unreadable import UnreadableDocument

SHOP = PurePosixPath("en/shop.html")
PAGE = """<!DOCTYPE html>
<html lang="en-GB">
<head>
  <meta charset="utf-8">
  <title>Delivery | Lumen Help</title>
  <meta name="valid-from" content="2026-01-01">
  <meta name="Version" content="7">
  <style>h2 { color: red }</style>
  <script>const hidden = "<h2>No heading</h2>";</script>
</head>
<body>
<header><a href="/">Lumen</a><h1>Lumen Help</h1></header>
<nav><ul><li><a href="/">Home</a><li><a href="/help">Help</a></ul></nav>
<div class="content">
<p>All about   parcels.<br>Really
   all.</p>
<h2 id="times">How long does <em>delivery</em> take? <a href="#times" class="anchor">¶</a></h2>
<p>Ask <a href="https://lumen.example/carriers">our carriers</a>, read
<a href="https://lumen.example/help">https://lumen.example/help</a> or <a href="/x">call us</a>.</p>
Prices &amp; times:
<ul>
  <li>Standard: <b>2 days</b></li>
  <li><p>Express</p><ul><li>City: 1 day<li>Elsewhere: 2 days</ul></li>
</ul>
<ol><li>Open the app<li>Tap <i>Track</i></ol>
<table>
  <caption>Prices</caption>
  <tr><th>Kind<th>Fee</tr>
  <tr><td>Standard</td><td>free</td></tr>
  <tr><td>Express</td><td><p>4 EUR</p></td></tr>
</table>
<article>
  <header><h3><button>What if it is late?</button></h3><p>By Ann, 3 May</p></header>
  <p>Tap Report a problem. <button>Copy</button></p>
  <footer>Was this helpful?</footer>
</article>
<h2>Payment</h2>
<p>In short:</p>
<dl>
  <dt id="pay">How can I pay?</dt><dt>Which cards do you take?</dt>
  <dd>By card.</dd><dd>Or <i>cash</i>.</dd>
  <div><dt>Do you sell gift cards?</dt><dd><ul><li>Yes, of 20 EUR<li>and of 50 EUR</ul></dd></div>
</dl>
<p>All prices include tax.</p>
<details id="lost"><summary>My parcel is lost</summary>
  <p>Tell us.</p><h4>Steps</h4><ol><li>Open the order</ol><script>track()</script></details>
<ul class="accordion">
  <li><h3>Can I return it?</h3><div hidden>Yes, within 30 days.</div></li>
  <li><h3>Can I swap it?</h3><div hidden>No.</div></li>
</ul>
</div>
<aside>Offers</aside><footer>Imprint</footer>
</body></html>
"""


@pytest.fixture(scope="module")
def page() -> dict[str, Entry]:
    return {entry.section: entry for entry in entries_of(SHOP, PAGE)}


def body(markup: str) -> list[Entry]:
    return entries_of(SHOP, f"<body>{markup}")


def text(markup: str) -> str:
    (entry,) = body(f"<h1>Q</h1>{markup}")
    return entry.text


def test_sections_are_named_and_stay_in_order(page: dict[str, Entry]) -> None:
    assert list(page) == [
        "delivery-lumen-help",
        "times",
        "what-if-it-is-late",
        "payment",
        "pay",
        "do-you-sell-gift-cards",
        "lost",
        "can-i-return-it",
        "can-i-swap-it",
    ]
    assert page["times"].id == "en/shop.html#times"
    assert page["times"].heading == "How long does delivery take?"
    assert list(page.values()) == entries_of(SHOP, PAGE)


def test_what_stands_before_the_first_heading_belongs_to_the_title(page: dict[str, Entry]) -> None:
    title = page["delivery-lumen-help"]
    assert title.heading == "Delivery | Lumen Help"
    assert title.text == "All about parcels.\nReally all."


def test_paragraphs_lists_and_tables_become_lines(page: dict[str, Entry]) -> None:
    assert page["times"].text == (
        "Ask our carriers (https://lumen.example/carriers), read https://lumen.example/help"
        " or call us.\n\n"
        "Prices & times:\n\n"
        "- Standard: 2 days\n"
        "- Express\n"
        "  - City: 1 day\n"
        "  - Elsewhere: 2 days\n\n"
        "1. Open the app\n"
        "2. Tap Track\n\n"
        "Prices\n"
        "Kind | Fee\n"
        "Standard | free\n"
        "Express | 4 EUR"
    )


def test_of_an_articles_header_the_heading_stays(page: dict[str, Entry]) -> None:
    assert page["what-if-it-is-late"].text == "Tap Report a problem."


def test_pairs_are_entries_of_their_own_and_the_section_goes_on(page: dict[str, Entry]) -> None:
    assert page["payment"].text == "In short:\n\nAll prices include tax."
    assert page["pay"].asked == ("How can I pay?", "Which cards do you take?")
    assert page["pay"].text == "By card.\n\nOr cash."
    assert page["do-you-sell-gift-cards"].text == "- Yes, of 20 EUR\n- and of 50 EUR"
    assert page["lost"].heading == "My parcel is lost"
    assert page["lost"].text == "Tell us.\n\nSteps\n\n1. Open the order"


def test_lists_of_headings_are_sections(page: dict[str, Entry]) -> None:
    assert page["can-i-return-it"].text == "Yes, within 30 days."


def test_what_stands_around_the_content_is_left_out(page: dict[str, Entry]) -> None:
    everything = " ".join(entry.passage for entry in page.values())
    assert not re.search("No heading|color|Home|Imprint|Offers|Copy|track|helpful|Ann", everything)


def test_meta_elements_tell_days_and_version(page: dict[str, Entry]) -> None:
    assert {(e.valid_from, e.valid_until, e.version) for e in page.values()} == {
        (date(2026, 1, 1), None, "7")
    }
    with pytest.raises(UnreadableDocument, match=r"en/shop\.html: valid_until is 'soon'; write"):
        entries_of(SHOP, '<meta name="valid-until" content="soon"><h1>Q</h1>A')


def test_folder_page_and_argument_tell_the_language_in_this_order() -> None:
    page = '<html lang="zh-CN"><h1>退款</h1><p>三天。</p>'
    silent = "<h1>退款</h1><p>三天。</p>"
    root = PurePosixPath("a.html")
    assert entries_of(SHOP, page, "de")[0].language == "en"
    assert entries_of(root, page, "de")[0].language == "zh"
    assert entries_of(root, page, "de")[0].id == "zh-CN/a.html#退款"
    assert entries_of(root, f"---\nlanguage: ja\n---\n{page}")[0].language == "ja"
    assert entries_of(root, silent, "de")[0].language == "de"
    with pytest.raises(UnreadableDocument, match=r'a\.html: which language\?.*<html lang="en">'):
        entries_of(root, silent)


def test_where_there_is_a_main_element_the_page_is_what_it_holds() -> None:
    (entry,) = body("<div>Cookies?</div><h1>Site</h1>x<main><h2>Q</h2><p>A</p></main><p>Login</p>")
    assert (entry.heading, entry.text) == ("Q", "A")


def test_lines_of_chinese_source_are_joined_without_a_space() -> None:
    assert text("<p>退款三个工作日\n   到账，节假日\n顺延 VISA\n卡。</p>") == (
        "退款三个工作日到账，节假日顺延 VISA 卡。"
    )


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<pre>\n  a\n    b\n</pre>", "a\n  b"),
        ("one<br><br><br>two", "one\n\ntwo"),
        ("<div>a<p>b</div>c", "a\n\nb\n\nc"),
        ("<a href='https://x.example'><img src=x></a>a", "a"),
        ("<a href='https://x.example'><div>a</div></a>", "a"),
        ("<a href='mailto:a@x.example'>a</a> <a href='javascript:x()'>b</a>", "a b"),
        ("<img alt='Yes'>, it is", "Yes, it is"),
        ("a&nbsp;b&shy;c &lt;b&gt;", "a bc <b>"),
        ("<ul>loose<li>a<ul><li>b</ul></ul>", "- loose\n- a\n  - b"),
        ("<ul><li>a</li><ul><li>b</li></ul></ul>", "- a\n  - b"),
        ("<ol start=3><li>a<br>b<li>c</ol>", "3. a\n   b\n4. c"),
        ("<table><tr><td><td></tr><tr><td>a<td>b</table>", "a | b"),
        ("<table><tr><td><table><tr><td>a<td>b</table></table>", "a | b"),
        ("<table><tr><th><h4>a</h4><th>b</table>", "a | b"),
        ("<table><tr><td><ul><li>a</ul><table><tr><th><p>b</table></table>", "- a\n\nb"),
        ("<p>a<script>x</script>b<!-- c --></p>", "ab"),
        ("<dl><dd>no term</dd></dl>", "no term"),
        ("<details>a</details><details><summary></summary>b</details>", "a\n\nb"),
        ("<h2> </h2>a", "a"),
        ("<p>unclosed <b>bold <i>both</p></b> rest</div></table>", "unclosed bold both\n\nrest"),
    ],
)
def test_markup_as_it_is_met(markup: str, expected: str) -> None:
    assert text(markup) == expected


def test_other_wordings_may_be_told_as_in_markdown() -> None:
    (entry,) = body("<h2>How?</h2><p>Also asked:</p><ul><li>So?<li>And so?</ul><p>Thus.</p>")
    assert (entry.questions, entry.text) == (("So?", "And so?"), "Thus.")


def test_headings_in_a_table_that_arranges_the_page_are_sections() -> None:
    entries = body("<table><tr><td><h2>Fees</h2>None.<td><h2>Times</h2>Two days.</table>")
    assert [(e.heading, e.text) for e in entries] == [("Fees", "None."), ("Times", "Two days.")]


def test_pairs_in_pairs_are_entries_too() -> None:
    outer, inner = body(
        "<details><summary>Fees</summary>a<details><summary>Abroad</summary>b</details>c</details>"
    )
    assert (outer.text, inner.text) == ("a\n\nc", "b")


def test_an_id_given_twice_is_refused_and_a_heading_twice_is_not() -> None:
    with pytest.raises(UnreadableDocument, match="two sections are called a"):
        body("<h2 id=a>One</h2>x<h2 id=a>Two</h2>y")
    assert [e.section for e in body("<h2>One</h2>x<h2 id=one-2>x</h2>y<h2>One</h2>z")] == [
        "one",
        "one-2",
        "one-3",
    ]


@pytest.mark.parametrize("name", ["name", "id"])
def test_an_anchor_in_the_heading_names_it(name: str) -> None:
    (entry,) = body(f"<h2><a {name}='old-name'></a>One</h2>x")
    assert entry.section == "old-name"


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 200_000,
        "<ul><li>" * 120_000,
        "<span>" * 160_000,
        "<table><tr><td>" * 66_000,
        "".join(f"<p><font size={n}>" for n in range(50_000)),
        "<details><summary>Q</summary>" * 33_000,
        "<x-y>" * 200_000,
    ],
    ids=["div", "ul", "span", "table", "font", "details", "custom"],
)
def test_a_megabyte_of_nested_elements_is_refused(markup: str) -> None:
    with pytest.raises(UnreadableDocument, match=r"en/shop\.html: .*(open at once|deep in each)"):
        entries_of(SHOP, markup)


def test_a_megabyte_of_anything_else_is_read() -> None:
    assert body("<" * 1_000_000) == []
    (long,) = body(f"<h2>{'long ' * 200_000}</h2>x")
    assert len(long.section) <= LONGEST_SLUG
    (entry,) = body("<h2>Q</h2><p>A\x00B&#0;&#x1b;</p>")
    assert entry.text == "AB\ufffd"


NAMES = "h1 h2 p div ul ol li dl dt dd details summary table tr td a b br pre header main nav"
tags = st.sampled_from(NAMES.split())
pieces = st.one_of(
    tags.map("<{}>".format), tags.map("</{}>".format), st.text(max_size=5), st.just("word")
)


@given(st.lists(pieces, max_size=60))
def test_any_markup_is_read_or_refused(parts: list[str]) -> None:
    try:
        entries = body("".join(parts))
    except UnreadableDocument:
        return
    assert len({entry.id for entry in entries}) == len(entries)
    assert all(entry.heading.strip() and entry.text.strip() for entry in entries)
