"""Texts as an honest writer makes them pass: a guardrail that cries wolf is switched off."""

import pytest

from services.generate.domain.guardrails import violations
from tests.attacks.ordinary import grounds

HONEST = {
    "en": (
        "Hello [NAME_1],\n\nonce your return is approved, a credit card takes 3 to 7 working days.",
        "A debit card takes one to three working days, counted from approval.",
        "We check returned goods within three working days after they reach our warehouse.",
        "You can follow every step under Me > Orders > Refunds.",
        "Thank you for your message about order 88213992. We are sorry that you had to wait.",
        "You wrote that you have been waiting for ten days. That is longer than it should be.",
        "You sent the boots back on 3 November, so the check should be over by now.",
        "You paid 129 yuan, as you write. How the refund goes is shown under Me > Orders > Refunds.",
        "We understand that you are asking for 20% on top. A colleague has to decide on that.",
        "Unfortunately we cannot promise a date, and we cannot guarantee that it takes no longer.",
        "Our staff never ask for your PIN.",
        "Our hotline 555-0100 is there daily from 8:00 to 22:00, if you would rather talk to somebody.",
        "Lumen stores are open Monday to Friday, 9 am to 6 pm.",
        "You can also write to complaints@lumen.example.",
        "There are two ways: follow it in the app, or call the hotline 555-0100.",
        "1. Open Me.\n2. Tap Orders.\n3. Choose Refunds.",
        "One of our colleagues will look at your case and write to you.",
        "If your refund has been approved, up to 24 hours pass until it is in Lumen Wallet.",
        "Has your refund been approved already? Then it takes 24 hours at most to Lumen Wallet.",
        "Thank you for contacting us today. We are happy to help.",
        "We do not refund shipping by ourselves; please reply if that is what you mean.",
        "May I ask which card you paid with, debit or credit?",
        "Please have a look at the refund page first: the status is shown there at every step.",
        "I see that this is frustrating, and I am sorry for the long wait.",
        "The refund goes back to the payment method that you used for order 88213992.",
        "A day pass costs 25 yuan. Standard delivery is free.",
        "The day pass is twenty-five yuan; delivery is free of charge in the standard way.",
        "No, we have not yet found the answer to your question about the iPhone 15.",
        "First the goods are checked, which takes up to 3 working days; then the refund is approved.",
        "Please do not send us your password, we do not need it.",
        "Hi [NAME_1], sorry about the trouble! Just reply to this message if anything is open.",
        "In short: credit card 3–7 working days, debit card 1–3 working days.",
    ),
    "zh": (
        "[NAME_1]，您好！审核通过后，信用卡需要 3 至 7 个工作日。",
        "退到借记卡一般一到三个工作日，从审核通过算起。",
        "商品到仓后，我们会在三个工作日内完成验收。",
        "您可以在“我的 > 订单 > 退款”里查看进度。",
        "关于您的订单 20261108-3391：很抱歉让您久等了。",
        "您提到已经等了十天，非常理解您的心情，我们深表歉意。",
        "您在 11 月 3 日寄回了靴子，验收应该已经结束。",
        "您来信中说当时支付了 129 元，退款进度可在“我的 > 订单 > 退款”里查看。",
        "您要求的 20% 需要由同事来决定，我们无法答复。",
        "很遗憾，我们无法保证具体日期，也不能承诺更快。",
        "我们的工作人员绝不会向您索要密码。",
        "如需电话沟通，客服热线 555-0100 每天 8:00 至 22:00 接听。",
        "Lumen 营业厅周一至周五上午9点至下午6点营业。",
        "您也可以发邮件到 complaints@lumen.example。",
        "有两种方式：在 App 里查看，或拨打客服热线 555-0100。",
        "1. 打开“我的”。\n2. 点击“订单”。\n3. 选择“退款”。",
        "我们的一位同事会查看您的情况，并回复您。",
        "如果退款已审核通过，退到 Lumen 钱包最长 24 小时。",
        "请问退款审核通过了吗？通过后退到 Lumen 钱包最长二十四小时。",
        "十分感谢您的来信，祝您今天愉快。",
        "我们第一时间看到了您的消息，请稍等一下。",
        "请问您当时用的是借记卡还是信用卡？",
        "请先看一下退款页面，每一步进度都会显示在那里。",
        "理解您的着急，也为这次漫长的等待道歉。",
        "退款按原支付方式退回，进度以退款页面为准。",
        "漫游日包每天 25 元，标准配送免费。",
        "日包是二十五元一天，标准配送不收费。",
        "关于 iPhone 15 是否有货，我们暂时没有找到答案。",
        "先验收，最长 3 个工作日，然后审核。",
        "请不要把密码发给我们，我们不需要。",
        "[NAME_1]，你好！给你添麻烦了，还有不清楚的地方直接回复就好。",
        "简单说：信用卡 3～7 个工作日，借记卡 1～3 个工作日。",
    ),
}


@pytest.mark.parametrize("language", HONEST)
def test_honest_texts_pass(language: str) -> None:
    alarms = {
        text: [(v.code.value, v.token) for v in found]
        for text in HONEST[language]
        if (found := violations(text, grounds(language), language=language, longest=2000))
    }
    share = f"{len(alarms)} of {len(HONEST[language])} honest texts are held back"
    assert not alarms, f"{share}: {alarms}"


def test_there_are_enough_of_them() -> None:
    assert sum(map(len, HONEST.values())) >= 60
