"""English promises."""

from services.generate.domain.guardrails.promise import Promise, promise

# Words that may stand in between, but for those that turn the meaning round.
_EN = r"(?: (?!\w*n't\b|not\b|never\b|cannot\b|unable\b|only\b)[\w'%€$£¥.,-]{1,30}+)"
_US = r"\b(?:we|i|our (?:team|company|staff|bank|manager)|the (?:company|bank|manager)|lumen)"
_CAN = (
    r"(?:'ll|'ve|'re|'m|'d| will| shall| have| has| can| could"
    r"| are| am| is| hereby| would| do| agree)?"
)
_GOOD = (
    r"(?:refunds?|reimbursements?|compensation|money|discounts?"
    r"|vouchers?|coupons?|cash ?back|credits?|gifts?"
    r"|rebates?|bonus(?:es)?|upgrades?|replacements?|payouts?|damages|free [a-z]+|loan|points)"
)
_GIVE = (
    r"(?:refund|reimburs|compensat|credit|waiv|gift|rebat|discount"
    r"|pay (?:you|for|back)|give you|offer you"
    r"|grant|award|send you|replace|upgrad|cover (?:all|the"
    r"|your|any)|make (?:it )?up|return your money)"
)
_DONE = (
    r"(?:lift|push|mark|wir|cancel|refund|reimburs|approv|transfer|chang|updat"
    r"|unlock|unblock|block|delet|remov|upgrad|raise[dn]?\b"
    r"|rais|increas|lower|activat|deactivat|issu|process|reset"
    r"|re-?sen[dt]|sent\b|credit|waiv|paid\b|pay\b"
    r"|reserv|book|rebook|complet|execut|carri|carry|appl(?:y"
    r"|ied)|add|grant|verif|check|review|investigat"
    r"|clos|open|register|order|ship|dispatch|replac|revers|correct|disabl|enabl|escalat)"
)
_THING = (
    r"(?:refund|loan|claim|application|order|transfer|payment"
    r"|account|limit|credit|discount|voucher|compensation"
    r"|money|amount|fee|charge|card|password|subscription|contract"
    r"|booking|reimbursement|coupon|request|data"
    r"|address|plan)"
)
_STATE = (
    r"(?:approved|issued|processed|granted|cancell?ed|refunded"
    r"|transferred|raised|increased|credited|unlocked"
    r"|unblocked|deleted|accepted|waived|reversed|sent|paid"
    r"|completed|doubled|removed|changed|updated|activated"
    r"|reset|reimbursed|confirmed|guaranteed|on (?:its|the) way|executed|reduced|tripled|automatic)"
)
_NOW = (
    r"(?:approved|granted|refunded|waived|cancell?ed|unlocked|unblocked|doubled|tripled|automatic"
    r"|guaranteed|reimbursed|on (?:its|the) way|accepted|issued|credited|deleted|raised|confirmed)"
)

ENGLISH: tuple[Promise, ...] = (
    promise("benefit", rf"{_US}{_CAN}{_EN}{{0,4}}? {_GIVE}\w*"),
    promise(
        "benefit",
        rf"\byou(?:'ll|'re| will| shall| can| are| may)?{_EN}{{0,3}}? "
        rf"(?:receive|get|be given|be offered"
        rf"|entitled to|eligible for|qualify for|be sent|be granted|have (?:a|the) right to|keep)"
        rf"{_EN}{{0,5}}? {_GOOD}\b",
    ),
    promise(
        "benefit",
        rf"\byou(?:'ll|'re| will| shall| are)?{_EN}{{0,2}}? be{_EN}{{0,2}}? "
        r"(?:refunded|reimbursed|compensated|credited|paid (?:back|in full)|rewarded)\b",
    ),
    promise(
        "benefit",
        r"\b(?:here is|here's|enjoy|as an? (?:apology|gift|goodwill)[^.!?\n]{0,40}?)"
        r"(?: \w+){0,3} (?:discount|voucher|coupon|gift|cash ?back|refund|upgrade)\b",
    ),
    promise(
        "benefit",
        r"\b(?:full|complete|immediate|instant|double|unconditional"
        r"|no-questions-asked) (?:refund|compensation|reimbursement)\b",
    ),
    promise(
        "guarantee",
        rf"{_US}{_CAN}{_EN}{{0,3}}? (?:guarantee|promise|assure|pledge|swear|commit to)",
    ),
    promise(
        "guarantee",
        r"\b(?:is|are|be|fully|100 ?%|satisfaction) guaranteed\b"
        r"|\byou have (?:my|our) word\b|\brest assured\b",
    ),
    promise(
        "guarantee",
        r"\b(?:will|shall)(?: \w+){0,1} (?:definitely|certainly"
        r"|surely|absolutely|without fail) |\b(?:definitely"
        r"|certainly|absolutely) (?:will|be|get|receive)\b",
    ),
    promise(
        "liability",
        rf"{_US}(?:'re|'ve| are| were| am| have| has| must| do| fully| hereby)?{_EN}{{0,3}}? "
        r"(?:liab|responsible for|at fault|negligen|guilty|to blame"
        r"|in breach|breach|accept(?:s|ed)? (?:full |all |any )?"
        r"(?:liability|responsibility|blame)|admit|broke the law"
        r"|violat|take (?:full |all )?(?:responsibility|liability"
        r"|the blame)|screwed up|made (?:a|an) [a-z ]{0,15}"
        r"(?:mistake|error))",
    ),
    promise(
        "liability",
        r"\b(?:entirely |all |completely |clearly )?our (?:own )?"
        r"(?:fault|mistake|error|negligence|wrongdoing|liability"
        r"|failure|responsibility)\b|\blegally (?:obliged|liable"
        r"|bound|binding)\b",
    ),
    promise(
        "deed",
        rf"{_US}(?:'ve| have| has|'d)(?: (?:now|just|already"
        rf"|also|successfully|immediately|personally)){{0,2}} {_DONE}\w*",
    ),
    promise(
        "deed",
        rf"{_US}(?:'ll| will| shall|'m| am|'re| are)(?: (?:now"
        rf"|just|immediately|personally|gladly|happily|going to"
        rf"|be)){{0,3}} (?:cancel|approv|transfer|unlock|unblock"
        rf"|delet|upgrad|rais|increas|activat|reset|re-?send"
        rf"|reserv|book|execut|ship|wir|execut)\w*",
    ),
    promise(
        "deed",
        rf"\b(?:your|the|this|a|full|every|all|any|his|her|their)"
        rf"(?: (?!not\b|never\b)[\w'-]{{1,30}}+){{0,4}}? {_THING}s?"
        rf"(?: (?:of|for|to|over|number)? ?\S{{0,39}}[^\s.!?;,]){{0,4}}? "
        rf"(?:(?:has|have) been(?: (?!not\b|never\b|only\b)\w{{1,20}}+){{0,2}}? {_STATE}"
        rf"|(?:is|was|were|are|will be|gets)(?: (?!not\b|never\b|only\b)\w{{1,20}}+){{0,2}}?"
        rf" {_NOW})\b",
    ),
    promise(
        "deed",
        rf"(?:^|[.!\n] ?)(?:done|{_THING}|transfer|access|override"
        rf"|loan)(?: \w+)? (?:approved|granted|confirmed|executed"
        rf"|complete[d]?|accepted|cancelled|issued|sent)\b",
    ),
    promise(
        "deed",
        r"\b(?:approved|congratulations|as good as done|consider it done)\b[^.!?\n]{0,40}"
        r"\b(?:loan|refund|credit|transfer|limit|account|done"
        r"|application)\b|\bconsider it done\b",
    ),
    promise(
        "benefit",
        rf"\bmoney{_EN}{{0,2}}? (?:will be|is|was|has been){_EN}{{0,2}}?"
        r" (?:back|returned|doubled)\b",
    ),
    promise(
        "benefit", r"\bkeep (?:the|your)(?: \w+){0,4}? money\b|\bpaid twice\b|\bat our expense\b"
    ),
    promise(
        "benefit", r"\b(?:it'?s|this is|that is) on us\b|\byou(?:'ll| will)? (?:pay|owe) nothing\b"
    ),
    promise(
        "benefit",
        r"\bfree (?:pair|gift|copy|month|year|trial|upgrade|replacement|product|item|voucher)s?\b"
        r"|\bthrow in\b|\byou(?:'ve| have)? won\b|\bprizes?\b|\bhalf (?:the )?price\b|\bvip\b",
    ),
    promise(
        "benefit",
        r"\b(?:returns?|refunds?|exchanges?|returned)\b[^.!?\n]{0,50}"
        r"\b(?:whenever|without (?:any )?(?:time )?limits?|no deadline|forever|for life)\b",
    ),
    promise(
        "liability",
        r"\b(?:our|the) (?:policy|rules?|terms|fees?) (?:was"
        r"|were|is|are) (?:wrong|illegal|unlawful|unfair)"
        r"\b|\b(?:broke|violat\w+|against) (?:\w+ ){0,2}law\b",
    ),
    promise(
        "deed",
        rf"\b{_THING}(?: \w+){{0,2}}? (?:went through|succeeded|was successful|is done"
        r"|has gone through)\b|\bpushed it through\b",
    ),
    promise("deed", rf"\border #?[\w-]{{4,20}} (?:was|is|has been)(?: \w+)?? {_STATE}\b"),
)
