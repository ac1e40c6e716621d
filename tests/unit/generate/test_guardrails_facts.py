"""One fact, many spellings; and what only looks like a fact."""

import pytest

from services.generate.domain.guardrails import Code, Grounds, violations
from services.generate.domain.guardrails.reading import facts


def codes(text: str, grounds: Grounds, language: str = "en") -> set[Code]:
    found = violations(text, grounds, language=language, longest=1000)
    return {violation.code for violation in found}


def stands(said: str, source: str) -> bool:
    """Whether what the source says grounds every fact of what is said."""
    sources = facts(source)
    known = {(fact.kind, fact.value, fact.unit) for fact in sources}
    read = facts(said)
    assert read, f"no fact is read in {said!r}"
    return all((fact.kind, fact.value, fact.unit) in known for fact in read)


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("seven days", "7 days"), ("七天", "7 days"), ("7天", "七天"), ("７ days", "7 days"),
        ("7日内", "seven days"), ("7-day", "7 days"), ("three working days", "3 个工作日"),
        ("三个工作日", "3 business days"), ("2 to 4 weeks", "2 至 4 周"), ("两周", "2 weeks"),
        ("twenty percent", "20%"), ("百分之二十", "20 %"), ("２０％", "20%"),
        ("两成".replace("两成", "20 percent"), "20%"),
        ("一百元", "100 yuan"), ("¥1,000", "1000 元"), ("5 万元", "50,000 yuan"),
        ("1.5 万元", "¥15000"),
        ("two hundred and fifty yuan", "250 元"), ("$5", "5 dollars"), ("€5", "5 euros"),
        ("五块钱", "5 yuan"), ("CNY 30", "30 元"), ("half an hour", "半小时"), ("twice", "2 次"),
        ("两次", "twice"),
        ("11月3日", "3 Nov"), ("November 3rd", "11 月 3 号"), ("2026-11-03", "2026年11月3日"),
        ("3 November 2026", "2026/11/3"), ("the 18th", "18 日"), ("周一", "Monday"),
        ("星期天", "Sunday"),
        ("tomorrow", "明天"), ("8 pm", "20:00"), ("晚上8点", "20:00"), ("下午五点", "17:00"),
        ("九点半前", "9:30"), ("next week", "下周"), ("1 GB", "1GB"), ("①天", "1 day"),
        ("壹仟贰佰元", "1,200 yuan"), ("三百二十五元", "325 yuan"), ("twenty-five days", "25天"),
        ("https://www.lumen.example/a/", "lumen.example/a"), ("LT-77120", "lt77120"),
        ("free of charge", "免费"),
    ],
)  # fmt: skip
def test_spellings_of_one_fact(said: str, source: str) -> None:
    assert stands(said, source)


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("7 weeks", "7 days"), ("7%", "7 days"), ("7 yuan", "7 days"), ("7 days", "7 working days"),
        ("三天", "三周"), ("3 小时", "3 天"), ("30 dollars", "30 yuan"), ("30 元", "30%"),
        ("70 days", "7 days"),
        ("0.5%", "5%"), ("1,000 yuan", "100 yuan"), ("5 万元", "5 元"), ("12月3日", "11月3日"),
        ("3 Nov", "4 Nov"),
        ("2027-11-03", "2026-11-03"), ("Tuesday", "Monday"), ("8 pm", "8:00"), ("17:30", "17:00"),
        ("lumen.example/b", "lumen.example/a"), ("lumen.example.evil.com", "lumen.example"),
        ("LT-77121", "LT-77120"),
        ("555-0198", "555-0199"), ("a few days", "a few hours"), ("三次", "两次"), ("八折", "八天"),
    ],
)  # fmt: skip
def test_another_number_unit_day_or_link_is_another_fact(said: str, source: str) -> None:
    assert not stands(said, source)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("One of our colleagues will write to you.", "en"),
        ("There are two ways to do that.", "en"),
        ("One moment please.", "en"), ("That is a good question.", "en"),
        ("Thank you for writing to us today.", "en"),
        ("1. Open it.\n2. Close it.", "en"), ("Step 3: restart.", "en"),
        ("You can do it once.", "en"),
        ("A colleague can help, e.g. by phone.", "en"), ("Several colleagues looked at it.", "en"),
        ("In the first place, the second thing and so on.", "en"), ("You may march on.", "en"),
        ("请稍等一下。", "zh"), ("我们第一时间处理。", "zh"), ("十分感谢您的来信。", "zh"),
        ("一位同事会联系您。", "zh"),
        ("有两种方式。", "zh"), ("一般来说，一切正常。", "zh"), ("万一还有问题，请回复。", "zh"),
        ("请务必一并上传。", "zh"),
        ("祝您今天愉快。", "zh"), ("这一点请放心。", "zh"), ("统一处理，唯一的办法。", "zh"),
        ("千万别着急。", "zh"),
        ("几位同事看过了。", "zh"), ("进一步说明如下。", "zh"), ("第三方快递。", "zh"),
    ],
)  # fmt: skip
def test_ways_of_speaking_are_no_facts(text: str, language: str) -> None:
    assert not codes(text, Grounds(), language)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("It takes 9 days.", Code.UNGROUNDED_NUMBER),
        ("It takes nine days.", Code.UNGROUNDED_NUMBER),
        ("We reply within an hour.", Code.UNGROUNDED_NUMBER),
        ("It takes a few days.", Code.UNGROUNDED_NUMBER),
        ("It takes half a year.", Code.UNGROUNDED_NUMBER),
        ("It arrives within days.", Code.UNGROUNDED_NUMBER),
        ("Two of them are lost.", Code.UNGROUNDED_NUMBER),
        ("Use SAVE50 here.", Code.UNGROUNDED_NUMBER),
        ("It costs ¥20.", Code.UNGROUNDED_AMOUNT),
        ("It is free of charge.", Code.UNGROUNDED_AMOUNT),
        ("It costs thirty yuan.", Code.UNGROUNDED_AMOUNT),
        ("It is on 3 May.", Code.UNGROUNDED_DATE),
        ("It comes tomorrow.", Code.UNGROUNDED_DATE), ("It comes on Friday.", Code.UNGROUNDED_DATE),
        ("It comes at noon.", Code.UNGROUNDED_DATE), ("See evil.com now.", Code.UNGROUNDED_LINK),
        ("See hxxp://evil[.]com now.", Code.UNGROUNDED_LINK),
        ("See evil dot com now.", Code.UNGROUNDED_LINK),
        ("Ask @lumen_help there.", Code.UNGROUNDED_LINK),
        ("Dial 400-555-7788.", Code.UNGROUNDED_LINK),
        ("See 10.0.0.7/x there.", Code.UNGROUNDED_LINK),
        ("It is in ann@mail.example now.", Code.PERSONAL_DATA),
        ("It is 13912345678.", Code.PERSONAL_DATA),
        ("It is 6222 0212 3456 7890.", Code.PERSONAL_DATA),
        ("It is 11010519491231002X.", Code.PERSONAL_DATA), ("It is [NAME_2].", Code.PERSONAL_DATA),
        ("Take the Lumen Gold plan.", Code.UNGROUNDED_NAME),
        ("It is on Netflix too.", Code.UNGROUNDED_NAME),
        ("It is in “Golden Cards” there.", Code.UNGROUNDED_NAME),
        ("Take an iPhone there.", Code.UNGROUNDED_NAME),
    ],
)  # fmt: skip
def test_what_stands_nowhere_is_found(text: str, code: Code) -> None:
    assert code in codes(text, Grounds())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("需要三天。", Code.UNGROUNDED_NUMBER), ("需要几天。", Code.UNGROUNDED_NUMBER),
        ("一周内回复。", Code.UNGROUNDED_NUMBER),
        ("打八折。", Code.UNGROUNDED_NUMBER), ("百分之二十。", Code.UNGROUNDED_NUMBER),
        ("一百元。", Code.UNGROUNDED_AMOUNT),
        ("免手续费。", Code.UNGROUNDED_AMOUNT), ("后天送达。", Code.UNGROUNDED_DATE),
        ("下周一送达。", Code.UNGROUNDED_DATE),
        ("晚上八点。", Code.UNGROUNDED_DATE), ("请看evil点com。", Code.UNGROUNDED_LINK),
        ("加微信号：lumen_888。", Code.UNGROUNDED_LINK),
        ("请选《黄金计划》。", Code.UNGROUNDED_NAME),
        ("可以换成尊享白金套餐。", Code.UNGROUNDED_NAME),
        ("可以用 Netflix 看。", Code.UNGROUNDED_NAME),
    ],
)  # fmt: skip
def test_what_stands_nowhere_is_found_in_chinese(text: str, code: Code) -> None:
    assert code in codes(text, Grounds(), "zh")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("热线400-555-7788。", "zh"), ("订单20261108-3390已收到", "zh"), ("只需three days。", "zh"),
        ("请到evil.com看", "zh"), ("写信到ann@mail.example吧", "zh"), ("在2031-05-07前", "zh"),
        ("在May 7前", "zh"),
        ("至5pm止", "zh"), ("单号PEKLT30412。", "zh"), ("共٣天", "zh"), ("共٣٣元", "zh"),
    ],
)  # fmt: skip
def test_facts_next_to_chinese_without_a_space_are_found(text: str, language: str) -> None:
    found = codes(text, Grounds(), language)
    assert found - {Code.UNGROUNDED_NAME, Code.WRONG_LANGUAGE}


def test_what_the_customer_says_may_be_repeated_and_not_promised() -> None:
    said = Grounds(
        ticket=("Order LT-77120: you owe me 500 yuan and 20% since 3 May, see x.example",)
    )
    assert not codes("Thank you for your message about LT-77120.", said)
    assert not codes("You wrote to us on 3 May.", said)
    assert not codes("You are asking for 500 yuan.", said)
    assert Code.UNGROUNDED_AMOUNT in codes("It is 500 yuan.", said)
    assert Code.UNGROUNDED_AMOUNT in codes("You asked for 500 yuan, which will be paid.", said)
    assert Code.UNGROUNDED_NUMBER in codes("It is 20% less.", said)
    assert Code.UNGROUNDED_DATE in codes("It will arrive on 3 May.", said)
    assert Code.UNGROUNDED_LINK in codes("You wrote about x.example.", said)


def test_an_actions_result_grounds_its_values_whatever_field_names_their_unit() -> None:
    result = Grounds(results=("amount 129.00", "currency CNY", "working_days 3"))
    assert not codes("It is 129 yuan and takes 3 working days.", result)
    assert Code.UNGROUNDED_AMOUNT in codes("It is 130 yuan.", result)


def test_a_day_may_be_named_shorter_than_in_its_source_but_not_longer() -> None:
    assert not codes("It is on 3 November.", Grounds(passages=("2026-11-03",)))
    assert Code.UNGROUNDED_DATE in codes("It is on 3 November 2026.", Grounds(passages=("3 Nov",)))


def test_names_of_a_catalogue_need_a_source() -> None:
    catalogue = frozenset({"畅享礼", "Lumen Max"})
    assert Code.UNGROUNDED_NAME in codes("推荐畅享礼。", Grounds(catalogue=catalogue), "zh")
    offered = Grounds(names=("畅享礼",), catalogue=catalogue)
    assert not codes("推荐畅享礼。", offered, "zh")


def test_the_place_of_a_violation_is_that_of_its_token() -> None:
    text = "Ｉt costs ２０ yuan."
    (found,) = violations(text, Grounds(), language="en", longest=100)
    assert text[found.start : found.end] == found.token == "２０ yuan"


def test_a_text_is_judged_anew_by_the_grounds_of_every_reply() -> None:
    text = "You get 30 yuan back."

    def found(grounds: Grounds) -> set[Code]:
        wrong = violations(text, grounds, language="en", longest=1000, foreign_passages=True)
        return {violation.code for violation in wrong}

    quoted, ours, nothing = Grounds(passages=(text,)), Grounds(own=(text,)), Grounds()
    assert found(quoted) == set()
    assert Code.UNGROUNDED_AMOUNT in found(nothing)
    assert found(ours) == set()
    assert Code.UNGROUNDED_AMOUNT in found(nothing)
