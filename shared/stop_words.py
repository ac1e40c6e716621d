"""Words that say nothing of what a message is about, in English and Chinese.

Function words only. The lists in circulation also drop `order`, `help`, `not` or `new`: what
customer service is about.
"""

_EN = """
a an the this that these those i me my mine myself we us our ours ourselves you your yours yourself
he him his she her hers it its itself they them their theirs who whom whose which what
am is are was were be been being have has had having do does did doing done
will would shall should can could may might must ought
and or but if then than because as while of at by for with about into through during to from in on
up down out off over under again further once here there when where why how
all any both each few more most other some such only own same so too very just also even still
i'm i've i'd i'll you're you've you'd it's that's there's he's she's we're we've they're let's
im ive id ill youre its thats dont s t d ll m re ve
hi hello hey dear please pls thanks thank ok okay yes yeah uh um er well oh hmm
"""
_ZH = """
的 地 得 了 着 过 是 在 有 和 与 及 或 也 都 就 还 又 再 才 而 且 但 但是 而且 或者 以及 因为 所以
如果 我 我们 你 你们 您 他 她 它 他们 她们 它们 咱们 自己 这 那 这个 那个 这些 那些 这里 那里 这边
那边 这样 那样 啊 吧 呢 吗 嘛 呀 哦 哎 喂 嗯 哈 啦 么 唉 哟 诶 呗 哈哈 嘿
一个 一下 一些 一点 把 被 给 让 从 到 向 往 对 对于 关于 跟 比 于 以 为 之 其 此 该 个 些 种 样
请 请问 您好 你好 谢谢 麻烦 一直 已经 正在 然后 就是 还是 可是 不过 那么 怎么样
吗 來 這 這個 那個 個 們 我們 你們 他們 還 嗎 過 給 讓 從 對 與 請 請問 謝謝 麼 啦
"""

STOP_WORDS = frozenset(f"{_EN} {_ZH}".split())
