"""Street addresses in Chinese and in Latin letters, and what only looks like one."""

import pytest

from services.ingest.domain.reading import Rules


def addresses(rules: Rules, text: str) -> list[str]:
    found = rules.finder.find(text)
    return [text[item.start : item.end] for item in found if item.kind == "ADDRESS"]


@pytest.mark.parametrize(
    "text",
    [
        "住在{北京市朝阳区建国路88号3号楼2单元501室}",
        "地址是{上海市浦东新区世纪大道100号环球金融中心35楼}",
        "请寄到{杭州市西湖区文三路478号华星广场A座1203室},谢谢",
        "请把地址改成{成都市武侯区天府大道北段1700号}",
        "我家在{南京市鼓楼区中山北路30号}",
        "{广东省深圳市南山区科技园路1号}",
        "{台北市信義區市府路45號3樓}",
        "{香港九龍尖沙咀彌敦道132號美麗華大廈12樓}",
        "送到{幸福小区5栋2单元301}",
        "I live at {221B Baker Street, London NW1 6XE}",
        "Ship to {1600 Pennsylvania Avenue NW, Washington, DC 20500} please",
        "my new address is {12 high street}",
        "{Flat 3, 27 Oak Road, Bristol BS8 1TH}",
        "deliver to {Apt 4B, 350 Fifth Ave, New York, NY 10118}. Thanks!",
        "{P.O. Box 123, Springfield, IL 62704}",
        "{PSC 1234, Box 5678\nAPO AE 09012}",
        "we moved to {Hauptstraße 17, 10115 Berlin}",
        "Moje adresa: {ul. Długa 12}",
        "{14 rue de la Paix}",
        "at {the corner of 5th Avenue and Pine Street}",
        "{Suite 300}",
        "zip code is {94105-1234}",
        "postcode: {SW1A 1AA}",
        "邮编：{100020}",
        "Address:\n{48 Mill Lane\nLeeds\nLS1 4AP}",
    ],
)
def test_addresses(rules: Rules, text: str) -> None:
    wanted = [part.split("}")[0] for part in text.split("{")[1:]]
    assert addresses(rules, text.replace("{", "").replace("}", "")) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "我想去北京路步行街买东西",
        "地铁2号线坏了,10月15号到货",
        "3号楼下等你",
        "北京市朝阳区能送吗",
        "市区里有店吗?路上堵了2小时",
        "I waited 20 minutes on the road",
        "I have 3 items on the way",
        "place the order for 2 people on may 2",
        "I was charged 20 dollars, it arrived in 5 days",
        "Spring 2024 sale, Gate 5, During 1980",
        "my email address is wrong",
        "send it to me by Friday 13",
        "The order was delivered to the wrong house",
        "my unit is broken, the suite was dirty",
    ],
)
def test_other_numbers_and_places_are_no_addresses(rules: Rules, text: str) -> None:
    assert addresses(rules, text) == []
