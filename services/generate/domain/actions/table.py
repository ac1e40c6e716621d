"""A TOML table, read with complaints that say where it is wrong."""

import re
from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar

from services.generate.domain.actions.catalogue import CatalogueError

T = TypeVar("T", bound=str)


class Table:
    """What is read is taken out, so that what is left over at the end is misspelt."""

    def __init__(self, content: Mapping[str, Any], where: str) -> None:
        self._content = dict(content)
        self._all = dict(content)
        self._where = where

    def wrong(self, name: str, what: str) -> NoReturn:
        """Raises CatalogueError about this entry, or about the table itself."""
        where = f"{self._where}.{name}" if name else self._where
        raise CatalogueError(f"{where}: {what}")

    def done(self) -> None:
        """Raises CatalogueError for an entry that nothing has read."""
        for name in self._content:
            known = ", ".join(sorted(self._all.keys() - self._content.keys()))
            self.wrong(name, f"is not known here; misspelt? Read were: {known}")

    def given(self, name: str) -> object:
        """The entry as it stands in the file, read already or not."""
        return self._all.get(name)

    def entries(self) -> tuple[str, ...]:
        """The names of all that stands in the file."""
        return tuple(self._all)

    def rest(self) -> dict[str, Any]:
        """All that is left."""
        left, self._content = self._content, {}
        return left

    def table(self, name: str) -> "Table | None":
        if name not in self._content:
            return None
        value = self._content.pop(name)
        if not isinstance(value, dict):
            self.wrong(name, "must be a table")
        return Table(value, f"{self._where}.{name}")

    def tables(self, name: str) -> dict[str, "Table"]:
        """The tables of a table, by their name; none where it is not there."""
        outer = self.table(name)
        if outer is None:
            return {}
        found = {inner: outer.table(inner) for inner in outer.entries()}
        return {inner: table for inner, table in found.items() if table is not None}

    def text(self, name: str, *, required: bool = True) -> str | None:
        value = self._content.pop(name, None)
        if value is None and not required:
            return None
        if not isinstance(value, str) or not value:
            self.wrong(name, "must be a text that is not empty")
        return value

    def texts(self, name: str) -> dict[str, str]:
        """A table of texts; empty where it is not there."""
        table = self.table(name)
        if table is None:
            return {}
        return {inner: table.text(inner) or "" for inner in table.entries()}

    def by_language(self, name: str, languages: tuple[str, ...]) -> dict[str, str]:
        """A text in each of these languages."""
        texts = self.texts(name)
        for language in languages:
            if language not in texts:
                self.wrong(name, f"has nothing in {language!r}: {name} = {{{language} = ...}}")
        return texts

    def names(self, name: str, *, required: bool = True) -> tuple[str, ...]:
        """A list of texts."""
        value = self._content.pop(name, None)
        if value is None and not required:
            return ()
        if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
            self.wrong(name, 'must be a list of texts such as ["order"]')
        return tuple(value)

    def flag(self, name: str, default: bool) -> bool:
        value = self._content.pop(name, default)
        if not isinstance(value, bool):
            self.wrong(name, "must be true or false")
        return value

    def one_of(self, name: str, options: tuple[T, ...], default: T | None = None) -> T:
        value = self._content.pop(name, default)
        for option in options:
            if value == option:
                return option
        self.wrong(name, f"must be one of {', '.join(options)}")

    def patterns(self, name: str, *, required: bool = True) -> tuple[re.Pattern[str], ...]:
        """Regular expressions, letters of any case."""
        return tuple(self._compiled(name, one) for one in self.names(name, required=required))

    def pattern(self, name: str, *, group: str) -> re.Pattern[str] | None:
        """A regular expression with this named group."""
        written = self.text(name, required=False)
        if written is None:
            return None
        compiled = self._compiled(name, written)
        if group not in compiled.groupindex:
            self.wrong(name, f"needs the group (?P<{group}>...) around what it finds")
        return compiled

    def _compiled(self, name: str, written: str) -> re.Pattern[str]:
        try:
            return re.compile(written, re.IGNORECASE)
        except re.error as error:
            self.wrong(name, f"is no regular expression: {error}")
