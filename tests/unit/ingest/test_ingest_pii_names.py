"""Names: the customer's own in every spelling, and others where the words around say so."""

import pytest

from services.ingest.domain.personal import Finder
from services.ingest.domain.reading import Rules


@pytest.fixture
def finder(rules: Rules) -> Finder:
    return rules.finder


def names(finder: Finder, text: str, own: str = "") -> list[str]:
    found = finder.find(text, {"NAME": own} if own else None)
    return [text[item.start : item.end] for item in found if item.kind == "NAME"]


@pytest.mark.parametrize(
    ("own", "text", "wanted"),
    [
        ("Jane Doe", "JANE DOE here", ["JANE DOE"]),
        ("Jane Doe", "this is about doe, jane", ["doe, jane"]),
        ("Jane Doe", "Mrs Doe wrote, jane did", ["Doe", "jane"]),
        ("Jane Doe", "J. Doe or Jane D. ordered", ["J. Doe", "Jane D."]),
        ("José Núñez", "jose nunez, José", ["jose nunez", "José"]),
        ("Will Baker", "Will it come? The baker is shut. Mr Baker asks", ["Baker"]),
        ("Dr. Anna Maria Berg", "Anna Berg", ["Anna Berg"]),
        ("Li Lei", "Lei Li and LI LEI", ["Lei Li", "LI LEI"]),
        ("李雷", "李雷的订单", ["李雷"]),
        ("李雷", "李先生要退货,小李来取", ["李", "李"]),
        ("李小明", "小明说没收到", ["小明"]),
        ("欧阳明月", "欧阳女士和明月", ["欧阳", "明月"]),
        ("李雷 Li Lei", "李 雷, li lei", ["李 雷", "li lei"]),
        ("王女士", "王女士的订单", ["王"]),
    ],
)
def test_own_name(finder: Finder, own: str, text: str, wanted: list[str]) -> None:
    assert names(finder, text, own) == wanted


def test_every_spelling_of_the_own_name_is_the_same_person(finder: Finder) -> None:
    text = "Jane Doe, DOE Jane, Mrs Doe and jane"
    found = finder.find(text, {"NAME": "Jane Doe"})
    assert len(found) == 4
    assert {item.normal for item in found} == {"jane doe"}


@pytest.mark.parametrize(
    ("own", "text"),
    [
        ("Jan Doe", "January, doentry, jandoes"),
        ("李雷", "雷雨天,李子"),
        ("Will Grant", "Will you help? I grant that."),
        ("A", "a b c"),
        ("李", "李"),
    ],
)
def test_a_piece_of_another_word_is_not_the_name(finder: Finder, own: str, text: str) -> None:
    assert names(finder, text, own) == []


@pytest.mark.parametrize(
    "text",
    [
        "我叫{周杰}，想退货",
        "我叫{周文静}想退货",
        "您好，我是{李小明}，订单没到",
        "本人{王芳},要求退款",
        "收件人：{陈晓东}",
        "持卡人姓名:{赵云}",
        "名字写错了，名字应该是{张三丰}",
        "麻烦联系{王}先生",
        "我和{王}先生说过",
        "{欧阳}先生,{诸葛}小姐",
        "请问{刘德海}女士在吗",
        "{李雷}，您好！\n\n退款三天内到账。",
        "尊敬的{欧阳明}您好：",
        "回复如下\n{韩梅梅}, 你好",
        "我儿子叫{孙小宝}",
        "请尽快处理\n谢谢\n{张伟}",
        "my name is {john smith} and I ordered",
        "My name is {Maria de la Cruz}.",
        "Hi, I'm {Sarah}, my order is late",
        "this is {Anna Brown} speaking",
        "Dear Ms {Lopez},\nthank you",
        "Mr. {O'Brien} called, {Li Wei} too",
        "ask mrs. {robinson} please",
        "Best regards,\n{Ulrike Meierhold}",
        "my husband {Gerrit} paid",
        "I talked to {Kevin} yesterday",
        "please contact {Harriet J. Vane}",
        "Name: {Xanthe Q. Pell}",
        "shipped to {Wang Xiaoming}",
        "{Tomasz Zielinski} signed for it",
    ],
)
def test_names_by_their_surroundings(finder: Finder, text: str) -> None:
    wanted = [part.split("}")[0] for part in text.split("{")[1:]]
    assert names(finder, text.replace("{", "").replace("}", "")) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "我是常客,我是会员",
        "客服您好，各位你好",
        "老师你好\n高管您好",
        "我是高级会员",
        "我叫了外卖,我叫他来",
        "我和同学们一起去",
        "小姐姐你好,先生您好",
        "黄金会员怎么升级",
        "高铁票能退吗?\n马上",
        "找你们经理投诉",
        "支付宝付款失败,安卓手机",
        "This is Ridiculous. I am Not happy.",
        "I am Chinese and I'm from Shanghai",
        "Hello Support Team, hi there,",
        "Dear Customer Service,",
        "My name isn't showing; my name is wrong on the ticket",
        "the product name is Galaxy Tab",
        "I bought a Dell XPS 13 from Best Buy on Black Friday",
        "Premium Plan or Gold Card? Visa Debit",
        "an app called PureText, the ATM here, Please Help Me",
        "Thanks,\nCustomer Care Team",
        "Will you refund me? May I return it? Mark it as paid. Sue them!",
        "New York, Hong Kong, Great Britain, Virginia",
    ],
)
def test_other_words_are_no_names(finder: Finder, text: str) -> None:
    assert names(finder, text) == []


def test_capitals_make_no_other_person(finder: Finder) -> None:
    found = finder.find("my name is john smith\nRegards,\nJohn Smith")
    assert [item.normal for item in found] == ["john smith", "john smith"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "My name is Alberico Rizzo, please send it to Alberico Rizzo again.",
            ["Alberico Rizzo"] * 2,
        ),
        ("我叫王小明，订单是王小明本人下的，请联系王小明。", ["王小明"] * 3),
        ("my name is Fletcher Hill, not from Fletcher Hills", ["Fletcher Hill"]),
        ("Mr. Hope called. I hope he is well, Hope sent it.", ["Hope"]),
    ],
)
def test_a_name_told_once_is_found_wherever_it_stands_again(
    finder: Finder, text: str, wanted: list[str]
) -> None:
    assert names(finder, text) == wanted
