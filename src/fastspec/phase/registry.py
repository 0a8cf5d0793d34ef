"""Methods and starts by name: the built-in ones, each in a module of its own name, and those of other packages.

Other packages offer theirs by entry points. Reading the metadata of all packages takes 10 ms and more, so it is read
only for a name that is not built in, or for a list of all names; and a package is imported only for its own name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Generic, TypeVar

from fastspec.errors import ParameterError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

T = TypeVar("T")


@dataclass(frozen=True)
class Registry(Generic[T]):
    """What can be asked for by name. Nothing is imported before it is asked for: listing names costs no numba.

    package : where the built-in modules are
    built_in : their names, in the order in which they are listed
    attribute : what each module calls its entry, such as METHOD
    group : entry points of other packages
    kind : gives the class of all entries
    """

    package: str
    built_in: tuple[str, ...]
    attribute: str
    group: str
    kind: Callable[[], type[T]]

    def names(self) -> tuple[str, ...]:
        """All names: the built-in ones, then those of other packages (which cannot replace a built-in one)."""
        from importlib import metadata  # 10 ms that the command line need not spend on every start

        offered = metadata.entry_points(group=self.group).names
        return (*self.built_in, *sorted(offered - set(self.built_in)))

    def find(self, name: object) -> T | None:
        """The entry of that name, or None. Raises ParameterError for one of another package that cannot be had."""
        if not isinstance(name, str):
            return None
        if name in self.built_in:
            found: T = getattr(import_module(f"{self.package}.{name}"), self.attribute)
            return found
        from importlib import metadata

        offers = tuple(metadata.entry_points(group=self.group, name=name))
        if len(offers) > 1:
            packages = " and ".join(sorted(_package(offer) for offer in offers))
            raise ParameterError(f"{name!r} is offered in {self.group} by {packages}; uninstall one of them")
        return self._load(offers[0]) if offers else None

    def _load(self, offer: EntryPoint) -> T:
        said = f"{offer.name!r} of {_package(offer)} ({self.group}: {offer.value})"
        try:
            found = offer.load()
        except (Exception, SystemExit) as error:  # a stranger's module may raise anything
            why = f"{type(error).__name__}: {error}"
            raise ParameterError(f"{said} cannot be loaded: {why}; mend or uninstall it") from error
        kind = self.kind()
        if not isinstance(found, kind):
            raise ParameterError(f"{said} is of type {type(found).__name__}, not {kind.__name__}; mend or uninstall it")
        return found


def _package(offer: EntryPoint) -> str:
    return offer.dist.name if offer.dist is not None else offer.module
