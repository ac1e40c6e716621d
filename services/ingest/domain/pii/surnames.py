"""Chinese surnames, in both scripts and in pinyin. Source: the Hundred Family Surnames and the
Ministry of Public Security's yearly reports on names."""

from services.ingest.domain.pii.words import words

COMMON = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕"
    "丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱"
    "戴严莫孔汤尚温康施文洪邢季庞樊兰殷詹柳颜涂裴阎倪翟梅俞鲁葛欧"
    "張劉陳楊黃趙吳孫馬羅鄭謝許鄧韓馮蕭葉蘇呂盧鐘陸賈鄒龍賀顧龔萬錢嚴湯顏閻"
)
"""Nine in ten people have one of these, and few of them begin common words."""

SINGLE = COMMON | frozenset(
    "常齐辛管关卫华章鲍费岑滕罗毕安乐时皮卞伍元卜平和穆湛祁狄米贝明臧计伏成谈茅纪舒屈项祝蓝闵席麻强路娄危"
    "童郭盛刁骆凌霍虞支柯昝卢解应宗宣贲郁单杭包诸左嵇甄曲家封芮羿储靳井巫乌焦巴弓牧山谷车侯宓蓬全班仰秋"
    "仲宫宁仇栾厉戎祖符景束幽司韶郜蓟薄印宿怀蒲台从鄂索咸籍赖卓蔺屠蒙池乔阴胥苍闻党翟贡劳逄姬申扶堵冉宰郦雍"
    "桑桂濮牛寿通边扈燕冀郏浦农别庄晏柴瞿充慕连茹习宦艾鱼容向古易慎戈终居衡步都耿满弘匡国寇广禄阙东殳沃利蔚"
    "越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空沙乜养鞠须丰巢蒯相查后荆红游竺权逯盖益桓公仉岳帅缑亢况郈琴"
    "佟苗花俞柏水窦云邬喻奚昌鲍闻尤楚阳佘初仝岱朴苟隋占阮候植官兆揭冼麦区甘褚"
    "齊關衛華畢樂時應單諸儲賴喬莊聶簡饒龐"
)
DOUBLE = words(
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳"
    " 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 令狐 轩辕 呼延 西门 歐陽 司馬"
    " 諸葛"
    " 東方 張簡 范姜 司寇 第五 完颜 纳兰 爱新觉罗"
)
PINYIN = words(
    "wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin luo gao zheng"
    " liang xie"
    " song tang deng han feng cao peng zeng xiao tian dong pan yuan cai jiang yu du ye cheng wei"
    " su lv lyu"
    " ding ren lu yao shen zhong cui tan fan liao shi jin jia xia fu fang zou xiong bai meng qin"
    " qiu hou yin"
    " xue yan duan lei long shao mao hao gu gong wan qian dai mo kong kang xing ouyang sima zhuge"
    " shangguan lee wong chan cheung leung chow ng lam ho tsang kwok tse lau yeung chiu kwan"
)
