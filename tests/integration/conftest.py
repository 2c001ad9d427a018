"""The Spark that all tests of a session share; it starts when the first test asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.integration.spark.jars import JarError
from tests.integration.spark.session import NoJavaError, running_spark


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Start one small local Spark for all tests, and end its JVM with them."""
    with ExitStack() as stack:
        try:
            session = stack.enter_context(running_spark(tmp_path_factory.mktemp("warehouse")))
        except NoJavaError as error:
            pytest.skip(f"needs Java: {error}")
        except JarError as error:
            pytest.fail(f"the Delta jars are missing; run `make jars`: {error}", pytrace=False)
        yield session
