"""A property that is worked out once, without a lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Value = TypeVar("Value")


class cached_property(Generic[Value]):  # noqa: N801 - as functools calls its own
    """As `functools.cached_property`, whose lock in Python 3.11 all objects and threads share.

    A child forked while another thread works such a property out would wait for that lock for ever. Here two threads
    at once may both work it out; the values are equal, and the last one stays.
    """

    def __init__(self, work: Callable[[Any], Value]) -> None:
        self.work = work
        self.name = work.__name__
        self.__doc__ = work.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> cached_property[Value]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Value: ...
    def __get__(self, instance: object | None, owner: type) -> Value | cached_property[Value]:
        if instance is None:
            return self
        value = self.work(instance)
        instance.__dict__[self.name] = value  # found there before this descriptor from now on
        return value
