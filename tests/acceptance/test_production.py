"""The production layer: what must hold on any estate, in the words of the business.

The scenarios are in `features`, their steps in `steps`. One module binds them all, so that they
share one evaluation, whichever worker has it.
"""

from __future__ import annotations

import pytest
from pytest_bdd import scenarios

pytestmark = pytest.mark.opa

scenarios("features")
