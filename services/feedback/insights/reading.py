"""What the messages of some weeks tell, read so that memory does not grow with what they say."""

import asyncio
from dataclasses import replace
from datetime import datetime

from services.feedback.domain.insight.background import Background
from services.feedback.domain.insight.findings import Findings, findings, needed_since
from services.feedback.domain.insight.limits import Limits
from services.feedback.domain.insight.message import in_order
from services.feedback.domain.insight.survey import survey
from services.feedback.insights.clustering import by_average_linkage
from services.feedback.insights.ports import Messages


async def read(messages: Messages, days: float, end: datetime, limits: Limits) -> Findings:
    """What the `days` before `end` tell. Raises TemporaryError.

    Twice through all messages: once to see which are to be grouped, and once for what these say
    and for what all have in common.
    """
    since = needed_since(end, days, limits)
    outlines = [message async for message in messages.outlines(since)]
    told = await asyncio.to_thread(survey, outlines, end, days, limits)
    del outlines
    background, wanted, found = Background(), told.samples.keys, []
    async for message in messages.messages(since):
        if told.periods.cover(message):
            background.add(message)
        if message.key in wanted:
            found.append(message)
    contents = {message.key: message for message in in_order(found)}
    told = replace(told, samples=told.samples.filled(contents))
    # In a thread: grouping takes seconds, and whoever asked goes on meanwhile.
    return await asyncio.to_thread(findings, told, background, by_average_linkage)
