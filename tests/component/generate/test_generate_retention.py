"""What generate stored expires; that an action was carried out does not."""

from datetime import timedelta

from services.generate.actions.mongo import MongoSteps
from services.generate.mongo import MongoReleases, MongoResponses, MongoReviews
from services.generate.retention import KEPT
from shared.mongo import Mongo
from tests.component.expiring import check_earlier_documents, check_written
from tests.component.generate.company import HELD, SMALL, Company, released, reviewed

EXPIRE = ("responses", "action_steps", "releases", "reviews")


async def test_the_database_removes_it(mongo: Mongo) -> None:
    kept = timedelta(days=50)
    kinds = (MongoResponses, MongoSteps, MongoReleases, MongoReviews)
    stores = [kind(mongo, kept) for kind in kinds]
    await check_earlier_documents(mongo, stores, EXPIRE, kept)


async def test_all_of_a_ticket_counts_from_when_it_was_stored(
    company: Company, mongo: Mongo
) -> None:
    async def a_ticket() -> None:
        held = await company.reply(HELD)
        await company.people.learn([released(), reviewed(held, "rejected")])

    await check_written(mongo, EXPIRE, KEPT, a_ticket)


async def test_money_moved_is_remembered_for_good(company: Company, mongo: Mongo) -> None:
    await company.reply(SMALL)
    (moved,) = await mongo.database["action_results"].find().to_list(None)
    assert moved["result"]["status"] == "done"
    assert "expires_at" not in moved
