"""Operations as both clients show them: written once, typed for either client.

`@Operation` on a method that returns a `Call[T]` makes it give a T on `Client`, and a T to await on
`AsyncClient`. `@Listing`, `@Streaming` and `@Waiting` do the same for pages, streams and long waits.
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, Concatenate, Generic, NamedTuple, ParamSpec, Self, TypeVar, overload

from panelsim.client.flows import Flow, Retries, asked, paged
from panelsim.client.shells import AsyncShell, SyncShell
from panelsim.client.wire import Call, Page

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound=SyncShell | AsyncShell)


class Resource(Generic[S]):
    """A resource of the API, reached through one of the two clients."""

    def __init__(self, shell: S) -> None:
        self._shell = shell

    @property
    def shell(self) -> S:
        """What carries out its operations."""
        return self._shell


class Watch(NamedTuple, Generic[T]):
    """A flow that takes long, and whom to tell what it emits."""

    flow: Callable[[Retries], Flow[T, T]]
    on_emit: Callable[[T], object] | None


class Operation(Generic[P, T]):
    """One request, one answer."""

    def __init__(self, build: Callable[Concatenate[Any, P], Call[T]]) -> None:
        self.build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, resource: None, owner: type) -> Self: ...
    @overload
    def __get__(self, resource: Resource[SyncShell], owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, resource: Resource[AsyncShell], owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, resource: Resource[Any] | None, owner: type) -> object:
        if resource is None:
            return self
        shell: SyncShell | AsyncShell = resource.shell

        def operation(*args: P.args, **kwargs: P.kwargs) -> object:
            return shell.run(asked(self.build(resource, *args, **kwargs), shell.config.retries))

        return _named(operation, self.build)


class Listing(Generic[P, T]):
    """A list, whose pages are fetched as they are needed."""

    def __init__(self, build: Callable[Concatenate[Any, P], Call[Page[T]]]) -> None:
        self.build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, resource: None, owner: type) -> Self: ...
    @overload
    def __get__(self, resource: Resource[SyncShell], owner: type) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, resource: Resource[AsyncShell], owner: type) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, resource: Resource[Any] | None, owner: type) -> object:
        if resource is None:
            return self
        shell: SyncShell | AsyncShell = resource.shell

        def listing(*args: P.args, **kwargs: P.kwargs) -> object:
            return shell.iterate(paged(self.build(resource, *args, **kwargs), shell.config.retries))

        return _named(listing, self.build)


class Streaming(Generic[P, T]):
    """Things as they come."""

    def __init__(self, build: Callable[Concatenate[Any, P], Callable[[Retries], Flow[T, None]]]) -> None:
        self.build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, resource: None, owner: type) -> Self: ...
    @overload
    def __get__(self, resource: Resource[SyncShell], owner: type) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, resource: Resource[AsyncShell], owner: type) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, resource: Resource[Any] | None, owner: type) -> object:
        if resource is None:
            return self
        shell: SyncShell | AsyncShell = resource.shell

        def streaming(*args: P.args, **kwargs: P.kwargs) -> object:
            return shell.iterate(self.build(resource, *args, **kwargs)(shell.config.retries))

        return _named(streaming, self.build)


class Waiting(Generic[P, T]):
    """What takes long, and tells how far it is."""

    def __init__(self, build: Callable[Concatenate[Any, P], Watch[T]]) -> None:
        self.build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, resource: None, owner: type) -> Self: ...
    @overload
    def __get__(self, resource: Resource[SyncShell], owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, resource: Resource[AsyncShell], owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, resource: Resource[Any] | None, owner: type) -> object:
        if resource is None:
            return self
        shell: SyncShell | AsyncShell = resource.shell

        def waiting(*args: P.args, **kwargs: P.kwargs) -> object:
            watch = self.build(resource, *args, **kwargs)
            return shell.run(watch.flow(shell.config.retries), watch.on_emit)

        return _named(waiting, self.build)


def _named(made: Callable[P, object], build: Callable[..., object]) -> Callable[P, object]:
    made.__name__, made.__qualname__, made.__doc__ = build.__name__, build.__qualname__, build.__doc__
    return made
