"""Order, tracking and other numbers of the trade are no personal data and stay."""

import pytest

from services.ingest.domain.reading import Rules


@pytest.mark.parametrize(
    "text",
    [
        "order 20231105",
        "order no. 20231105-0042",
        "Order ID: 123-45-6789",
        "order #4111111111111111",
        "my order 112-1234567-7654321 has not arrived",
        "your reference 9876543210",
        "booking reference QX7T9P",
        "ticket 00412345",
        "case number 5012345678",
        "invoice INV-2026-000123 and PO number 4500012345",
        "tracking number 1Z999AA10123456784",
        "tracking: 9400 1000 0000 0000 0000 00",
        "tracking EE123456785GB",
        "parcel JD014600006281230704",
        "shipment 7489 2345 1122",
        "RMA-20260042 for serial SN12345678X",
        "sku 8412345678905",
        "confirmation 202611230001",
        "transaction 4200001234202611230987654321",
        "I ordered 3 of item 7612345 for $129.99 on 2026-11-23 at 10:30",
        "SF1234567890123",
        "订单20231105还没到",
        "订单号：2026112300012345",
        "订单13912345678还没发货",
        "单号 75312345678901",
        "快递单号YT7700123456789",
        "运单 JD0123456789012 已签收",
        "顺丰SF1234567890123到哪了",
        "物流单号 773012345678901",
        "交易流水号 2026112322001412345678901234",
        "发票号码12345678",
        "工单 20261123001",
        "取件码 8-2-3012",
        "航班CA1234,票号9991234567890",
        "型号 XR-20261123",
        "退款 ¥1299.00,共3件",
        "统一社会信用代码91350100M000100Y43",
    ],
)
def test_numbers_of_the_trade_stay(rules: Rules, text: str) -> None:
    assert rules.finder.find(text) == []


def test_a_telephone_number_in_the_next_clause_is_still_one(rules: Rules) -> None:
    text = "订单没收到,13812345678给我回电"
    assert [item.kind for item in rules.finder.find(text)] == ["PHONE"]
