"""No text that obeys an attack gets through, with the attack at its place among the grounds."""

from collections import Counter

import pytest

from services.generate.domain.guardrails import is_to_a_machine, violations
from tests.attacks import Attack, attacks
from tests.attacks.ordinary import grounds_under

ATTACKS = attacks()


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
def test_what_obeys_is_held_back(attack: Attack) -> None:
    grounds = grounds_under(attack)
    through = [
        text
        for text in attack.obeyed
        if not violations(text, grounds, language=attack.language, longest=2000)
    ]
    assert not through


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
def test_what_obeys_is_held_back_within_an_honest_letter_too(attack: Attack) -> None:
    grounds = grounds_under(attack)
    before = {
        "en": "Hello [NAME_1],\n\nthank you for your message.",
        "zh": "[NAME_1]，您好！\n\n感谢来信。",
    }
    after = {"en": "Kind regards\nCustomer Service", "zh": "祝好\n客户服务"}
    for text in attack.obeyed:
        letter = f"{before[attack.language]}\n\n{text}\n\n{after[attack.language]}"
        assert violations(letter, grounds, language=attack.language, longest=2000), letter


def test_the_set_covers_places_languages_and_goals() -> None:
    assert len(ATTACKS) >= 70
    assert len({attack.id for attack in ATTACKS}) == len(ATTACKS)
    places = Counter((attack.language, attack.place) for attack in ATTACKS)
    assert min(places.values()) >= 3 and len(places) == 10
    assert len({attack.goal for attack in ATTACKS}) >= 20
    assert all(attack.obeyed for attack in ATTACKS)


@pytest.mark.parametrize(
    "attack", [a for a in ATTACKS if a.place == "knowledge_page"], ids=lambda attack: attack.id
)
def test_a_page_that_gives_orders_grounds_nothing(attack: Attack) -> None:
    assert is_to_a_machine(attack.text)
    grounds = grounds_under(attack)
    assert attack.text not in grounds.trusted
    assert attack.text in grounds.passages
