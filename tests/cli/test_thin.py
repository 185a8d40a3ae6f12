"""What a thinned run of the tests leaves out: cases, never a test."""

import pytest

from tests.thin import evenly


@pytest.mark.parametrize(
    ("number", "kept"), [(1, [0]), (2, [0, 9]), (3, [0, 4, 9]), (10, [*range(10)])]
)
def test_cases_are_left_out_evenly(number: int, kept: list[int]) -> None:
    assert evenly(range(10), number) == kept
