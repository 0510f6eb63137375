"""Recorded calls answer with the network off, each by its own body."""

import pytest
import vcr
from vcr.errors import CannotOverwriteExistingCassetteException

from tests.wire.fake_server import KEY
from tests.wire.recording import CASSETTE, answers, recorder

NOWHERE = "http://127.0.0.1:1/v1"


async def test_recorded_replicates_keep_their_own_answers_in_any_order() -> None:
    with recorder(vcr.mode.NONE).use_cassette(str(CASSETTE)) as cassette:
        said = await answers(NOWHERE, (3, 0, 2, 1))
        assert cassette.all_played
    assert [one.text for one in said] == ["4", "1", "3", "2"]  # (seed 40 + replicate) mod 5 + 1


async def test_a_call_that_was_not_recorded_is_not_made() -> None:
    with (
        recorder(vcr.mode.NONE).use_cassette(str(CASSETTE)),
        pytest.raises(CannotOverwriteExistingCassetteException),
    ):
        await answers(NOWHERE, (9,))


def test_a_cassette_holds_no_key() -> None:
    text = CASSETTE.read_text()
    assert KEY not in text
    assert "uthorization" not in text
