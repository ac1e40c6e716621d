"""Which dead letters of a partition were replayed, small enough to be kept with an offset.

A replay with a filter leaves gaps, which a committed offset alone cannot say. So the offset is that
of the first letter not replayed yet, and its metadata, a string that Kafka keeps with it, holds one
bit for each letter after it, packed. What lies before the offset was replayed, or is gone.
"""

import base64
import binascii
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST = 4096
"""Characters Kafka keeps with an offset (offset.metadata.max.bytes)."""


class MemoryFull(Exception):
    """More gaps than can be remembered; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """All offsets before `first`, and `first + n` for every bit n of `later`.

    `first` itself was not replayed.
    """

    first: int = 0
    later: int = 0

    def __contains__(self, offset: int) -> bool:
        return offset < self.first or bool(self.later >> (offset - self.first) & 1)

    def also(self, offsets: Iterable[int]) -> "Replayed":
        """With these offsets besides."""
        later = self.later
        for offset in offsets:
            if offset >= self.first:
                later |= 1 << (offset - self.first)
        return _shifted(self.first, later)

    def since(self, beginning: int) -> "Replayed":
        """Without what the topic does not hold any more: all before `beginning`."""
        if beginning <= self.first:
            return self
        return _shifted(beginning, self.later >> (beginning - self.first))

    def metadata(self) -> str:
        """What stands beside the offset `first`. Raises MemoryFull."""
        if not self.later:
            return ""
        bits = self.later.to_bytes((self.later.bit_length() + 7) // 8, "little")
        text = base64.b64encode(zlib.compress(bits, 9)).decode()
        if len(text) > LONGEST:
            raise MemoryFull(
                f"letters not replayed since offset {self.first} leave too many gaps to remember: "
                "replay those first, without --code and --since"
            )
        return text


def read(first: int, metadata: str) -> Replayed:
    """What was remembered. Metadata that is none of ours counts as empty."""
    if not metadata:
        return Replayed(first)
    try:
        bits = zlib.decompress(base64.b64decode(metadata, validate=True))
    except (binascii.Error, ValueError, zlib.error):
        return Replayed(first)
    return _shifted(first, int.from_bytes(bits, "little"))


def _shifted(first: int, later: int) -> Replayed:
    """Move `first` past everything that was replayed without a gap."""
    ones = (~later & (later + 1)).bit_length() - 1
    return Replayed(first + ones, later >> ones)
