"""Texts as an honest writer makes them pass: a guardrail that cries wolf is switched off."""

import pytest

from services.generate.domain.guardrails import Grounds, violations
from services.generate.domain.phrases import NAME, sentences
from services.generate.knowledge.documents import SEED_DOCUMENTS, read_documents
from tests.attacks.ordinary import grounds

HONEST = {
    "en": (
        (
            "Hi [NAME_1], thanks for getting in touch about your boots. Once the warehouse "
            "has checked them, which can take up to 3 working days, the refund is released "
            "to your original payment method."
        ),
        (
            "For a credit card please allow between 3 and 7 working days after approval "
            "before you see the money."
        ),
        (
            "I completely understand how annoying ten days of waiting must be for you. You "
            "waited ten days, and I'm sorry."
        ),
        (
            "Would you mind looking at Me > Orders > Refunds and telling us which step is "
            "shown for order 88213992?"
        ),
        "If nothing has changed there, just reply here and a colleague will take a closer look.",
        "You can also give us a ring on 555-0100 any day from 8:00 to 22:00.",
        (
            "I'm afraid I can't say anything about the extra 20% you are asking for; a "
            "colleague will decide."
        ),
        "Refunds to Lumen Wallet are the fastest: up to 24 hours from approval.",
        "Our stores are open on weekdays, Monday through Friday, from 9:00 to 18:00.",
        (
            "The time depends on your payment method, so it may differ a little from one "
            "order to another."
        ),
        (
            "Unfortunately the information I have does not cover the iPhone 15, so I have "
            "passed this on."
        ),
        "As soon as the check is finished, you will see the next step in the app.",
        "Please keep your receipt until everything is settled.",
        "Good news: you do not need to do anything else at the moment.",
        "It depends on your bank, but with a debit card it is usually quick: 1 to 3 working days.",
        "The hotline is open every day. Feel free to call whenever it suits you.",
        (
            "Dear customer, many thanks for your patience. Your boots have to pass a short "
            "check first."
        ),
        "After that, the money travels back the way it came.",
        (
            "Depending on the card, you should see it in 3 to 7 working days (credit) or 1 "
            "to 3 working days (debit)."
        ),
        "If you prefer Lumen Wallet, allow 24 hours.",
        "Is there anything in the app under Me > Orders > Refunds yet?",
        "We know that you have been waiting since 3 November.",
        "You mentioned order 88213992; thanks, that helps us find it.",
        "Our colleagues on 555-0100 can look into your account with you.",
        "Nobody from our side will ask you for a PIN.",
        "Sorry again, and thank you for bearing with us.",
        "Please let us know if the status has not moved by then.",
        "Your wish for 20% more goes to a colleague, who decides about such requests.",
        "Hello [NAME_1],\n\nonce your return is approved, a credit card takes 3 to 7 working days.",
        "A debit card takes one to three working days, counted from approval.",
        "We check returned goods within three working days after they reach our warehouse.",
        "You can follow every step under Me > Orders > Refunds.",
        "Thank you for your message about order 88213992. We are sorry that you had to wait.",
        "You wrote that you have been waiting for ten days. That is longer than it should be.",
        "You sent the boots back on 3 November, so the check should be over by now.",
        "You paid 129 yuan, as you write. The progress is shown under Me > Orders > Refunds.",
        "We understand that you are asking for 20% on top. A colleague has to decide on that.",
        "Unfortunately we cannot promise a date, and we cannot guarantee that it takes no longer.",
        "Our staff never ask for your PIN.",
        "Our hotline 555-0100 is there daily from 8:00 to 22:00, if you prefer to talk.",
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
        "First the goods are checked, which takes up to 3 working days; then it is approved.",
        "Please do not send us your password, we do not need it.",
        "Hi [NAME_1], sorry about the trouble! Just reply to this message if anything is open.",
        "In short: credit card 3–7 working days, debit card 1–3 working days.",
    ),
    "zh": (
        (
            "[NAME_1]，您好！感谢您联系我们。靴子到仓后最长 3 个工作日完成验收，审核通过后会"
            "按原支付方式退回。"
        ),
        "信用卡一般要等 3 到 7 个工作日才能看到款项，请您耐心等待。",
        "非常抱歉让您等了十天，您的心情我们完全理解。",
        "麻烦您在“我的 > 订单 > 退款”里看一下，现在显示的是哪一步？",
        "如果页面没有变化，直接回复这条消息，我们的同事会进一步查看。",
        "您也可以在每天 8:00 至 22:00 之间拨打 555-0100。",
        "关于您提到的 20%，我这边没有相关信息，会转给同事处理。",
        "退到 Lumen 钱包最快，审核通过后 24 小时以内。",
        "营业厅周一到周五营业，时间是 9:00 到 18:00。",
        "具体时间取决于您的支付方式，可能会略有不同。",
        "很抱歉，目前没有 iPhone 15 的库存信息。",
        "验收结束后，App 里会显示下一步。",
        "请您保留好寄件凭证，直到流程结束。",
        "目前您不需要再做其他操作。",
        "借记卡通常比较快，1 至 3 个工作日就可以。",
        "热线每天都有人接听，方便的时候随时可以拨打。",
        "亲爱的顾客，感谢您的耐心。靴子到仓后需要先做一个简单的验收。",
        "之后款项会沿原路返回。",
        "信用卡通常 3 至 7 个工作日，借记卡 1 至 3 个工作日。",
        "如果您选的是 Lumen 钱包，请预留 24 小时。",
        "“我的 > 订单 > 退款”里现在有进度了吗？",
        "我们知道您从 11 月 3 日起就在等。",
        "您提供的订单号 20261108-3391 我们已收到，谢谢。",
        "拨打 555-0100，同事可以和您一起查看。",
        "我们这边没有人会问您要密码。",
        "再次抱歉，也谢谢您的体谅。",
        "如果到时状态还没有变化，请告诉我们。",
        "您希望多退 20% 的要求，会由同事来决定。",
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

PARAPHRASES = (
    (
        "en/shop.md#late-parcel",
        "Hello [NAME_1], please check Me > Orders > Track parcel first, as the "
        "courier often leaves a new date there. If more than three working days"
        " have passed since the expected date, tap Report a problem and then "
        "Late parcel on the order page. We will then ask the courier; that "
        "normally takes two working days, and you will see the result on the "
        "order page.",
    ),
    (
        "en/shop.md#warranty-repair",
        "Electronics are covered for 2 years from delivery, everything else for"
        " one year. Please go to Me > Orders > Repair, describe what is wrong "
        "and add a photo. A repair normally takes 7 to 10 working days once the"
        " item is at the workshop. If it was dropped, the warranty does not "
        "cover it, but you will get a quote before any paid repair begins.",
    ),
    (
        "en/shop.md#freight-cost",
        "Standard delivery is 8 yuan, and it is free from 99 yuan on. Express "
        "costs 18 yuan. For remote areas there are 10 yuan on top.",
    ),
    (
        "en/shop.md#coupons-points",
        "You can use one coupon per order. Each yuan you spend earns you 1 "
        "point, which is credited seven days after delivery; 100 points are "
        "worth 1 yuan.",
    ),
    (
        "en/bank.md#transfer-limits",
        "In the app you can send up to 50,000 yuan a day, or 200,000 yuan with "
        "a security key. If you raise the limit under Settings > Limits, it "
        "takes 24 hours before it applies. At a branch you can transfer larger "
        "amounts if you bring your ID.",
    ),
    (
        "en/bank.md#early-repayment",
        "Yes, you can. Under Loans > Repay early you choose whether to pay back"
        " everything or a part of 1,000 yuan or more. In the first 12 months "
        "the fee is 1% of what you repay early, after that there is none.",
    ),
    (
        "en/bank.md#locked-account",
        "After five wrong attempts the log-in is locked for half an hour. You "
        "do not have to wait: tap Unlock on the sign-in page and enter the code"
        " we send to your phone together with the last four digits of your ID.",
    ),
    (
        "en/bank.md#charged-twice",
        "Please look whether one of the two is marked Pending; such a "
        "reservation normally disappears within 3 to 5 working days. If both "
        "have been booked, open the payment under Cards and tap Dispute. You "
        "have 60 days from the payment to do so, and we review it within ten "
        "working days.",
    ),
    (
        "en/telecom.md#roaming",
        "Turn on My plan > Roaming two hours before you leave at the latest. A "
        "day pass is 25 yuan for 1 GB and works in 80 countries.",
    ),
    (
        "en/telecom.md#cancel-contract",
        "You need to give 30 days' notice, either under My plan > Cancel "
        "contract or by letter. If the minimum term of 12 or 24 months is still"
        " running, you pay 30% of the monthly fees that remain. Please send the"
        " rented router back within two weeks.",
    ),
    (
        "en/telecom.md#slow-internet",
        "Could you unplug the router for half a minute and then wait 3 minutes?"
        " After that, please run Help > Speed test on the 5 GHz network. If "
        "three tests are below half of your contract speed, report a fault "
        "under Help > Report a fault.",
    ),
    (
        "en/travel.md#flight-delay",
        "You find the new departure time under Trips. If the delay is 3 hours "
        "or more you can rebook at no charge under Trips > Rebook, and from 2 "
        "hours on there are meal vouchers at the airline's counter. Whether "
        "there is compensation is for the airline to decide; you can ask for it"
        " under Trips > Claims.",
    ),
    (
        "en/travel.md#baggage-allowance",
        "With a Standard fare you have one checked bag of up to 23 kg and a "
        "cabin bag of 8 kg. A further bag is 160 yuan if you add it under Trips"
        " > Baggage at least 3 hours before departure; at the airport it is 260"
        " yuan.",
    ),
    (
        "en/travel.md#hotel-cancel",
        "Please open the hotel under Trips and tap Cancel. If the rate says "
        "Free cancellation, it costs nothing until 6 pm the day before you "
        "arrive. After that you are charged for the first night.",
    ),
    (
        "zh/shop.md#late-parcel",
        "您好，建议先在“我的 > 订单 > 查看物流”里看一下，快递公司常会留下新的送达日期。如"
        "果超过预计日期三个工作日仍未送到，请在订单页点击“反馈问题 > 包裹延误”，我们会联系快"
        "递公司查询，一般两个工作日有结果。",
    ),
    (
        "zh/shop.md#warranty-repair",
        "电子产品自收货起保修两年，其他商品一年。请在“我的 > 订单 > 报修”里描述故障并上传"
        "照片，商品到维修中心后通常 7 到 10 个工作日修好。如果是摔坏的，不在保修范围，付费"
        "维修前会先报价。",
    ),
    (
        "zh/shop.md#freight-cost",
        "标准配送8元，满99元包邮；加急是18元，偏远地区再加10元。",
    ),
    (
        "zh/shop.md#cancel-order",
        "如果订单还是“已付款”或“备货中”，您可以在“我的 > 订单”里自己取消。已经发货的话就"
        "不能取消了，可以当面拒收，或者收货后14天内退货。",
    ),
    (
        "zh/bank.md#transfer-limits",
        "用App每天最多可以转5万元，使用安全密钥的话是20万元。调高限额要24小时后才生效，调"
        "低马上生效。",
    ),
    (
        "zh/bank.md#loan-conditions",
        "个人贷款可以申请五千元到三十万元，期限6到60个月。需要身份证件和最近三个月的收入证明，"
        "一般两个工作日出结果，签约前您会看到利率。",
    ),
    (
        "zh/bank.md#lost-card",
        "请马上在App的“银行卡 > 冻结”里冻结这张卡，或者拨打挂失热线 555-0199。补"
        "卡费用15元，5到7个工作日寄到。",
    ),
    (
        "zh/telecom.md#roaming",
        "出发前至少两小时打开“我的套餐 > 国际漫游”就可以。日包每天25元，含1GB流量，80"
        "个国家和地区可用。",
    ),
    (
        "zh/telecom.md#top-up-failed",
        "请先等30分钟，再看“充值 > 记录”。显示“失败”的话，钱会在1到3个工作日内自动退回"
        "；显示“成功”但没到账，请重启手机并点击“未到账反馈”，24小时内会有人核查。",
    ),
    (
        "zh/telecom.md#cancel-contract",
        "解约需要提前30天申请，在“我的套餐 > 解约”里办理。如果没满12个月或24个月的最低"
        "合约期，要付剩余月费的30%。路由器请在14天内归还。",
    ),
    (
        "zh/travel.md#flight-cancel",
        "预订后24小时内，并且离起飞还有至少7天，可以免费取消。之后标准票价收30%，灵活票价不"
        "收费，基础票价只退税费。退款一般5到10个工作日。",
    ),
    (
        "zh/travel.md#check-in",
        "网上值机在起飞前48小时开放，起飞前60分钟关闭。进入“行程”，点击“办理值机”就行。机"
        "场柜台起飞前45分钟截止。",
    ),
    (
        "zh/travel.md#seat-selection",
        "值机开放后，普通座位是免费的，提前选座要30元，腿部空间大的座位90元。",
    ),
    (
        "zh/travel.md#lost-baggage",
        "请在离开机场前到行李柜台登记，保留好查询编号。大部分行李5天内能找到，进度可以在“行程 "
        "> 行李 > 查询”里看。临时买必需品的小票请在21天内上传。",
    ),
)
"""Entries of the project's own in other words, and the text that says so."""


@pytest.mark.parametrize("language", HONEST)
def test_honest_texts_pass(language: str) -> None:
    alarms = {
        text: [(v.code.value, v.token) for v in found]
        for text in HONEST[language]
        if (found := violations(text, grounds(language), language=language, longest=2000))
    }
    share = f"{len(alarms)} of {len(HONEST[language])} honest texts are held back"
    assert not alarms, f"{share}: {alarms}"


def test_entries_in_other_words_pass() -> None:
    entries = {entry.id: entry for entry in read_documents(SEED_DOCUMENTS)}
    alarms = {}
    for name, text in PARAPHRASES:
        entry = entries[name]
        basis = Grounds((entry.passage,), own=sentences(), placeholders=frozenset({NAME}))
        if found := violations(text, basis, language=entry.language, longest=2000):
            alarms[name] = [(v.code.value, v.token) for v in found]
    assert not alarms, f"{len(alarms)} of {len(PARAPHRASES)} are held back: {alarms}"


def test_there_are_enough_of_them() -> None:
    assert sum(map(len, HONEST.values())) >= 120
