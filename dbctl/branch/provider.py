"""What every place can do in which branches of a database are kept."""

from typing import Protocol

from dbctl.branch.model import Branch, Made, ProviderName, Wish


class Provider(Protocol):
    """The branches of one main database. A new provider is one file and a line in registry.py."""

    name: ProviderName

    async def create(self, wish: Wish) -> Made:
        """Make a branch that answers, or use what is there as `wish.if_exists` says.

        Raises TakenError, NotFoundError for the parent, RefusedError, LockedError, ProviderError.
        """
        ...

    async def list(self) -> tuple[Branch, ...]:
        """The main database, then its branches by name; unfinished ones too."""
        ...

    async def show(self, name: str) -> Branch:
        """One branch by name or id, with its revision. Raises NotFoundError."""
        ...

    async def delete(self, name: str) -> bool:
        """Delete a branch, ending its sessions; False when there is none.

        Raises RefusedError for what is no branch of dbctl's.
        """
        ...

    async def discard(self, seen: Branch) -> bool:
        """Delete a branch that is still as it was seen; False when it is not."""
        ...

    async def reset(self, name: str) -> Branch:
        """Make a branch what its parent is now. Raises NotFoundError, RefusedError."""
        ...

    async def url(self, name: str) -> str:
        """How to reach a branch or the main database, password included. Raises NotFoundError."""
        ...
