"""The words of street addresses in English and in the languages around it."""

from services.ingest.domain.pii.words import words

STREET = (
    "street|st|road|rd|avenue|ave|av|lane|ln|drive|dr|court|ct|boulevard|blvd|way|place|pl"
    "|square|sq|terrace"
    "|close|crescent|cres|highway|hwy|parkway|pkwy|circle|cir|trail|trl|loop|alley|mews|grove"
    "|gardens?|row|walk"
    "|quay|plaza|turnpike|expressway|freeway|esplanade|promenade|hill|rise|view|creek|point"
    "|nagar|marg|chowk|colony"
)
SURE_STREET = (
    "street|road|rd|avenue|ave|lane|ln|drive|boulevard|blvd|terrace|crescent|highway|hwy"
    "|parkway|nagar|marg"
)
"""Those that need no capital."""

BEFORE = (
    r"rue|calle|avenida|avda\.?|carrer|rua|ul\.|ulica|jalan|jl\.|jln|piazza|viale|vicolo|strada"
    r"|praça|travessa"
    r"|estrada|alameda|chemin|allée|ulice|λεωφόρος|οδός"
)
"""Kinds of street that stand before its name, however they are written."""

BEFORE_CAPITAL = (
    r"Via|Avenue|Av\.|Corso|Largo|C/|Paseo|Plaza|Boulevard|Bd|Route|Place"
    r"|Impasse|Quai|Cours|Str\.|R\.|Al\.|Os\.|Piazzale"
)
"""Those that are words of other meaning too."""

AFTER = (
    "straße|strasse|str.|gasse|weg|platz|allee|damm|ufer|graben|vej|vejen|gade|gaden|stræde"
    "|krogen|vegen|veien"
    "|vei|veg|gata|gaten|gatan|gatu|vägen|väg|gränd|terrasse|stien|stigen|katu|kuja|tie|polku"
    "|raitti|laan|straat"
    "|plein|gracht|dreef|singel|dijk|baan|kade|steeg|stræti|straeti|braut|vegur|gerði|gerd|gerdi"
    "|stígur|utca"
    "|körút|tänav|maantee|puiestee|iela|gatve|ská|ova|ského|náměstí|třída|ulica|cesta"
)
AFTER_APART = (
    "utca|útja|út|tér|tere|u.|krt.|körút|rkp.|sor|köz|tn|mnt|pst|tänav|tee|vkj|cesta|ulica"
    "|gade|gata"
)
UNIT = (
    "apt|apartment|suite|ste|unit|flat|room|rm|floor|fl|bldg"
    "|building|block|blk|tower|villa|plot|house no|shop no|door no"
)
CUES = (
    r"(?:(?:home|billing|shipping|delivery|postal|mailing|new|current|street|correct|old|work"
    r"|office)? ?address(?:es)?"
    r"(?: [a-z']{1,12}){0,5}?(?: is| are| to| with| it is|:|\?)(?: it is| user:)?(?: the same:)?)"
    r"|\b(?:i |we |he |she |they )?(?:once |now |currently )?(?:live|lives|lived|living|reside"
    r"|resides|residing) (?:at|on|in)"
    r"|\b(?:located|office is|meet (?:me|you)|dropped|restaurant is|shop is|store is"
    r"|staying) (?:at|on)"
    r"|\b(?:deliver|delivered|delivery|ship|shipped|send|sent|post|posted|move|moved|return|mail"
    r"|mailed|taxi)"
    r"(?: (?:it|them|one|this|that|a new one|the package|the parcel|my order|everything"
    r"|back)){0,3} to"
    r"|\bdrops you off at|\bhere they are:|\bnorth side of"
)
PARTICLES = words(
    "de da do dos das del della dei di la le les el los las du des van von der den the of af und"
    " y e i a o os og och"
    " upon nad na pod bei sur nan"
)
NEVER = words(
    "please i i'm i've i'd we you they he she it my your our his her thanks thank can could"
    " would will when where"
    " what how why is are was mobile phone tel telephone fax desk email e-mail website regards"
    " cheers order card"
    " visa mastercard account and hello hi dear sincerely date name note invoice ref order:"
    " total qty if but"
)
