"""Given names that seldom are anything else, from several countries' yearly lists of births."""

from services.ingest.domain.pii.words import words

GIVEN = words(
    "aaron abdul abigail adam adrian adriana agnes ahmed aisha alan albert alejandro aleksander"
    " alex"
    " alexander alexandra alexis alfred alice alicia alison allan amanda amelia amina amit amy ana"
    " andrea andreas andrew andrzej angela anil anita anjali ann anna anne annette anthony antonio"
    " ari arjun arthur astrid audrey barbara beatrice benjamin bernard betty bianca bjorn bogdan"
    " brandon brenda brian bridget bruce bryan camila camille carl carla carlos carmen carol"
    " caroline"
    " catherine cecilia charles charlotte chiara chloe chris christian christina christine"
    " christopher"
    " claire clara claudia colin connor craig cristina cynthia daniel daniela danielle david"
    " deborah"
    " deepak denise dennis derek diana diego dmitri dolores dominic donald donna dorothy douglas"
    " dylan edith eduardo edward eileen elaine eleanor elena elias elisabeth elizabeth ella"
    " ellen emil"
    " emily emma enrique eric erik erika esther ethan eugene eva evelyn fatima felicia fernando"
    " fiona"
    " florian frances francesca francesco francisco fredrik gabriel gabriela gareth gary geoffrey"
    " george gerald gerard giovanni giulia gloria gordon graham gregory guillermo gustav hannah"
    " hans"
    " harold hassan hazel heather helen helena henrik henry hiroshi howard hugo ian ibrahim imran"
    " ines ingrid irene irina isabel isabella ivan jacob jacqueline jaime jakub james jamie jan"
    " jane"
    " janet janice jason javier jeffrey jennifer jeremy jerome jessica jesus joan joanna joel johan"
    " johannes john jonas jonathan jorge jose josef joseph joshua joyce juan judith julia julian"
    " julie"
    " karen karin karl kate katarina katherine kathleen katie keith kelly kenneth kenji kevin"
    " khalid"
    " kimberly klaus krishna kristina krzysztof kumar kyle lars laura lauren laurence leah leon"
    " leonardo leslie lillian linda lisa louis louise lucas lucia luis lukas lydia magdalena"
    " malcolm"
    " manuel marcel marco marcus margaret maria marie marina mario marion marjorie marta martha"
    " martin"
    " martina mary mateo matteo matthew matthias maureen mehmet melanie melissa michael michal"
    " michelle"
    " miguel mikael mikhail miriam mohamed mohammad mohammed monica muhammad nadia nancy naomi"
    " natalia natalie natasha nathan neil nicholas nicola nicolas nicole nikolai nina noah norma"
    " oliver"
    " olivia omar oscar pablo pamela patricia patrick paul paula pauline pedro peter petra phil"
    " philip"
    " phillip pierre piotr priya rachel raj rajesh ralph ramesh raphael raymond rebecca ricardo"
    " richard rita robert roberto rodrigo roger roland ronald rosa rosemary ross roy ruth ryan"
    " sabrina"
    " samantha samuel sandra sanjay sara sarah scott sean sebastian sergei sergio sharon sheila"
    " shirley silvia simon sofia sonia sophia sophie stanley stefan stella stephanie stephen steven"
    " stuart sunita susan suzanne sven sylvia tamara tanya tatiana teresa theodore theresa thomas"
    " tiffany timothy tomasz tommy tracy ulrich ursula valentina valerie vanessa vera veronica"
    " vicky"
    " victor victoria vijay vikram vincent viktor virginia vladimir walter wendy wilhelm william"
    " xavier yasmin yolanda yusuf yvonne zoe tom tim jim joe bob mike dave steve dan ben sam"
    " nick tony"
    " greg jeff matt rob andy ken ron ted fred jenny kathy liz peggy sally sue meg molly lucy rosie"
    " olga pavel anders bjarne eero matti pekka tuomas janos laszlo zoltan jiri ondrej tereza maja"
    " zofia kasia ewa giorgos nikos yuki takashi haruka kenta akira siobhan niamh eoghan aoife"
)

PLACES_TOO = words(
    "victoria virginia charlotte diana olivia florian christian jesus sue rob nick leon san"
    " carol dolores gloria stella"
    " jan oscar valentina amber hugo adrian iris angela carmen dylan"
)
"""Given names that alone are as likely a place, a firm, a month or another word."""

FAMILY_ENDINGS = (
    *(
        "ov",
        "ova",
        "ev",
        "eva",
        "sky",
        "ski",
        "ska",
        "cki",
        "cka",
        "wicz",
        "czyk",
        "ović",
        "ovič",
        "ević",
        "ić",
        "ová",
    ),
    *(
        "sson",
        "dóttir",
        "dottir",
        "ssen",
        "nsen",
        "rsen",
        "lsen",
        "tsen",
        "dsen",
        "gsen",
        "ksen",
        "nen",
        "qvist",
        "ström",
    ),
    *(
        "strom",
        "ez",
        "escu",
        "shvili",
        "adze",
        "yan",
        "enko",
        "chuk",
        "poulos",
        "idis",
        "akis",
        "elli",
        "etti",
        "ucci",
    ),
    *(
        "acci",
        "stein",
        "berger",
        "mann",
        "meyer",
        "maier",
        "hofer",
        "huber",
        "oğlu",
        "oglu",
        "moto",
        "mura",
        "naka",
    ),
)
"""How surnames end, and few names of places or things do."""
