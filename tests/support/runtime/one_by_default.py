"""The frameworks as parameters of which each run has the first, and only `make test-all` the others.

tools/parts.py counts a module that takes something from here among those with long tests.
"""

from __future__ import annotations

import pytest

from support.runtime.frameworks import VARIANTS, label

ONE_BY_DEFAULT = [
    pytest.param(variant, id=label(variant), marks=[] if number == 0 else pytest.mark.full)
    for number, variant in enumerate(VARIANTS)
]

# The same for tests of the fixture `service`.
one_framework_first = pytest.mark.parametrize("service", ONE_BY_DEFAULT, indirect=True)
