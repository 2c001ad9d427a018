"""What the answers of a workspace mean for anyone who wants a table made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service.sql import StatementResponse
from requests.exceptions import RequestException

from tests.factory.errors import FactoryError, Trouble
from tests.factory.place import Schema

T = TypeVar("T")

_NO_GRANT: Final = ("42501",)
_NO_TABLE: Final = ("42P01",)
_TROUBLES: Final = (DatabricksError, RequestException, TimeoutError)
_DOCTOR: Final = "`lakewarden doctor --source databricks` looks at host, sign-in and warehouse."


@dataclass(frozen=True)
class SentStatement:
    """A statement, and what it is about: from it come the errors that it ends with."""

    about: str
    statement: str
    warehouse: str
    schema: Schema

    def sending(self, request: Callable[[], T]) -> T:
        """Return what the request that sends it answers; raises `FactoryError` if it is refused."""
        try:
            return request()
        except NotFound as error:
            raise self._error(
                f"there is no SQL warehouse {self.warehouse}",
                Trouble.NO_WAREHOUSE,
                output=str(error),
                remedy="Name one that exists in DATABRICKS_WAREHOUSE_ID or in the profile.",
            ) from error
        except PermissionDenied as error:
            raise self._error(
                f"the SQL warehouse {self.warehouse} may not be used",
                Trouble.DENIED,
                output=str(error),
                remedy=f"Have CAN USE on the warehouse granted, and: {self.schema.grants}",
            ) from error
        except _TROUBLES as error:
            raise self._unanswered(error) from error

    def sent(self, request: Callable[[], T]) -> T:
        """Return what a request about it answers once it is sent; raises `FactoryError`.

        Whatever is refused then, it may have been run: nothing is said to be lacking.
        """
        try:
            return request()
        except _TROUBLES as error:
            raise self._unanswered(error) from error

    def failure(self, ended: StatementResponse) -> FactoryError:
        """Return the error for a statement that ended as anything but SUCCEEDED."""
        status = ended.status
        message = status.error.message if status and status.error else None
        state = status.sql_state if status else None
        ending = status.state.value if status and status.state else "without a state"
        output = f"SQLSTATE {state}: {message}" if message else f"it ended {ending}"
        if (
            state in _NO_GRANT
            or "INSUFFICIENT_PERMISSIONS" in output
            or "PERMISSION_DENIED" in output
        ):
            return self._error(
                f"{self.about}: a privilege is lacking",
                Trouble.DENIED,
                output=output,
                remedy=f"{self.schema.grants}; or name another schema in --tables-in.",
            )
        if state in _NO_TABLE:
            return self._error(
                f"{self.about}: the table is not there, somebody else has dropped it",
                Trouble.GONE,
                output=output,
                remedy=f"Run again, and let nobody clean up in {self.schema} meanwhile.",
            )
        return self._error(
            f"{self.about}: the statement failed",
            Trouble.FAILED,
            output=output,
            remedy="The answer says whether the workspace does not allow it, or the statement is"
            " wrong.",
        )

    def late(self, seconds: float) -> FactoryError:
        """Return the error for a statement that took too long."""
        return self._error(
            f"{self.about}: the statement was cancelled, since it had not ended after"
            f" {seconds:g} seconds",
            Trouble.TIMED_OUT,
            remedy=f"See whether the warehouse {self.warehouse} starts and is not overloaded; then"
            " run again.",
        )

    def interrupted(self) -> FactoryError:
        """Return the error for a statement that was not sent, or broken off, since all ends."""
        return self._error(f"{self.about}: interrupted", Trouble.INTERRUPTED, remedy="Run again.")

    def _unanswered(self, error: Exception) -> FactoryError:
        return self._error(
            f"{self.about}: the workspace does not answer as it should",
            Trouble.UNREACHABLE,
            output=f"{type(error).__name__}: {error}",
            remedy=_DOCTOR,
        )

    def _error(
        self, what: str, trouble: Trouble, *, remedy: str, output: str | None = None
    ) -> FactoryError:
        return FactoryError(what, trouble, remedy=remedy, statement=self.statement, output=output)


def listed(request: Callable[[], Iterable[T]], what: str, schema: Schema) -> list[T]:
    """Return all that a listing has; raises `FactoryError` where it is refused."""
    try:
        return list(request())
    except PermissionDenied as error:
        raise FactoryError(
            f"{what} may not be listed", Trouble.DENIED, output=str(error), remedy=schema.grants
        ) from error
    except NotFound as error:
        raise FactoryError(
            f"{what} can't be listed",
            Trouble.FAILED,
            output=str(error),
            remedy="See whether --tables-in names a catalog that is there.",
        ) from error
    except _TROUBLES as error:
        raise FactoryError(
            f"{what} can't be listed",
            Trouble.UNREACHABLE,
            output=f"{type(error).__name__}: {error}",
            remedy=_DOCTOR,
        ) from error
