"""Texts that show the encoder's activations at their real size while the graph is quantised.

They need variety, not labels: both prefixes, two scripts and more, short and long, shouting,
numbers, placeholders, markup, lists, nonsense. Changing them changes the encoder's version.
"""

TEXTS: tuple[str, ...] = (
    "query: Where is my order? It was due last Monday and the tracking page says nothing.",
    "query: hi",
    "query: i want to cancle my subscribtion asap!!! this is RIDICULOUS",
    "query: I was charged twice, 49.99 and 49.99, on 3 November. Please refund one of them.",
    "query: My name is [NAME_1], reach me at [EMAIL_1] or [PHONE_1], order [ORDER_1].",
    "query: Refund status\nHello team,\n\nI returned the blue jacket (size M) two weeks ago.\n"
    "The courier's receipt number is 1Z999AA10123456784.\n\nBest wishes",
    "query: the app keeps crashing since the update, error 0x80070057, phone is a Pixel 7",
    "query: Thank you so much, Maria was wonderful, best support I have ever had :)",
    "query: can i get the same in red?",
    "query: 2 + 2 = ?",
    "query: asdkjh qwoeiu zzzz",
    "query: Please close my account and delete all of my data under the GDPR.",
    "query: no signal since this morning in postcode 90210, is there an outage",
    "query: Book two seats from Boston to Denver on the 14th, window and aisle.",
    "query: WHY DOES NOBODY ANSWER??? THIRD TIME I WRITE!!!",
    "query: what's the interest rate on a 5-year car loan of $20,000",
    "query: someone stole my card and there are payments I do not know",
    "query: <p>Hello,</p> the invoice #2231 shows the wrong VAT number &amp; address.",
    "query: https://example.org/orders/83719?ref=mail",
    "query: ok",
    "query: 我的快递什么时候能到?都等了十天了!",
    "query: 你好",
    "query: 订单号 20231105,收到的杯子是碎的,要求换货或者退款。",
    "query: 怎么修改收货地址啊,刚刚填错了,麻烦帮我改成公司",
    "query: 太差劲了!!!客服态度极其恶劣,再也不会买了",
    "query: 请问这款手机支持 5G 双卡吗?128G 的现在多少钱",
    "query: 我被重复扣款两次,每次 199 元,尾号 [CARD_1],请尽快处理",
    "query: 发票抬头开错了,能重新开一张增值税专用发票吗",
    "query: 非常感谢,问题已经解决了,给你们点赞👍",
    "query: 忘记密码了,收不到验证码,手机号是 [PHONE_1]",
    "query: 帮我查一下账户余额和上个月的流量用了多少 GB",
    "query: 转账显示处理中,已经三天了,对方还没收到",
    "query: 想改签明天上午从上海到成都的航班,手续费怎么算",
    "query: 转人工",
    "query: 银行卡丢了,怎么挂失?有人在外地刷了我的卡",
    "query: 今天天气不错",
    "query: 哈哈哈哈哈哈",
    "query: 宽带从昨天晚上开始断网,重启路由器也没有用,报障单号 A-1093。",
    "query: 优惠券为什么用不了,页面提示“不满足使用条件”",
    "query: 想申请一笔装修贷款,分 36 期,利率是多少?",
    "query: 您好,我于本月 3 日在贵店购买了一台空气净化器,使用不到一周就出现异响,并且指示灯一直"
    "闪红色。我已经按照说明书更换滤网、断电重启,问题依旧存在。客服电话打了三次都没有人接,"
    "在线客服只会重复同样的话。请在两天之内给我一个明确的答复:是上门维修、换新,还是全额退款?",
    "query: ¿Dónde está mi pedido? Llevo dos semanas esperando.",
    "query: Je n'arrive pas à me connecter à mon compte.",
    "query: 注文をキャンセルしたいのですが。",
    "query: لم يصل طلبي حتى الآن",
    "query: Meine Rechnung stimmt nicht, bitte prüfen.",
    "query: 환불은 언제 되나요?",
    "query: заказ пришёл не тот",
    "passage: How do I track my parcel? Open Orders, choose the order and press Track.",
    "passage: Refunds reach the original payment method within 5 to 10 working days after the "
    "returned goods arrive at our warehouse. Shipping is refunded only for faulty goods.",
    "passage: 如何申请退货\n自签收之日起七天内,商品完好且不影响二次销售的,可以在“我的订单”中"
    "申请七天无理由退货。运费由买家承担;质量问题由我们承担。",
    "passage: 账户被锁定怎么办?连续五次输错密码后账户会锁定 24 小时,也可以通过短信验证码解锁。",
    "passage: Plan | Data | Price\nS | 5 GB | 9.90\nM | 20 GB | 19.90\nL | unlimited | 39.90",
    "passage: 1. Switch the router off. 2. Wait 30 seconds. 3. Switch it on. 4. Wait for the green "
    "light. If the light stays red, call us: the line is open from 8:00 to 22:00, seven days a "
    "week. Have your customer number ready. Technicians visit on working days between 9 and 18.",
    "passage: 发票",
)
