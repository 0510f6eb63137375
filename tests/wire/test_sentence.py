import math
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest

from panelsim.errors import ProviderError
from panelsim.files import read_prompt_texts
from panelsim.model.call import EmbeddingCall, ModelRef
from panelsim.prompts import Prompts
from panelsim.providers import Options
from panelsim.providers.embedded import Embedded
from panelsim.providers.model_files import local_model
from panelsim.providers.sentence import SentenceEncoder
from panelsim.scorers.similarity import anchor_self_test
from panelsim.sessions.scene import read_measures
from tests.wire.local_models import cache_with

ANCHORS = {
    "relevance": (
        "This has nothing to do with my job and I would skip it.",
        "This is mostly about things my team does not do.",
        "This touches my work a little, but it is not on my list.",
        "This is about something my team works on this quarter.",
        "This is exactly the problem I am trying to solve right now.",
    ),
    "clarity": (
        "I have no idea what this product does.",
        "I can guess the topic, but not what they sell.",
        "I get the general idea, but the details are vague.",
        "I understand what it does and who it is for.",
        "I understand at once exactly what it does, for whom and what I get.",
    ),
    "belief": (
        "I do not believe a word of this claim.",
        "This sounds exaggerated and I doubt it is true.",
        "This could be true, but I would want to see proof.",
        "This sounds realistic and I mostly believe it.",
        "I fully believe this; it matches what I have seen myself.",
    ),
}
REACTIONS = {
    "relevance": (
        (1, "Not for me, we do not even do that."),
        (1, "I would scroll past this, it is about some other department."),
        (2, "It might matter to someone in IT, not to my team."),
        (3, "Somewhat related to what we do, but not a priority."),
        (4, "We have been looking at this area this year."),
        (5, "That is the exact headache I had this morning; I need this."),
    ),
    "clarity": (
        (1, "What does this even mean? I cannot tell what they sell."),
        (1, "Buzzwords; I could not explain this product to anyone."),
        (2, "Something with data, I suppose, but what do they offer?"),
        (3, "I roughly get it, though it stays vague."),
        (4, "I can tell what it is and who would use it."),
        (5, "Crystal clear: I know exactly what I would get after one reading."),
    ),
    "belief": (
        (1, "Nonsense. No tool can do that."),
        (2, "That sounds like marketing hype to me."),
        (3, "Maybe, but show me the numbers first."),
        (4, "Seems plausible, other companies report similar results."),
        (5, "Yes, this is true, we measured the same in our own team."),
    ),
}


@pytest.fixture(scope="module")
def models() -> Path:
    return cache_with("use-m3")


@pytest.fixture(scope="module")
def encoder(models: Path) -> SentenceEncoder:
    return SentenceEncoder(local_model("use-m3", models).path)


@cache
def vector(encoder: SentenceEncoder, text: str) -> tuple[float, ...]:
    return encoder.encode(text)[0]


def rating(encoder: SentenceEncoder, text: str, anchors: tuple[str, ...]) -> float:
    """Min-subtracted, normalised similarity to the anchors of points 1 to 5, as an expected value."""
    said = vector(encoder, text)
    near = [sum(a * b for a, b in zip(said, vector(encoder, anchor), strict=True)) for anchor in anchors]
    above = [value - min(near) for value in near]
    return sum(point * weight for point, weight in enumerate(above, start=1)) / sum(above)


@pytest.mark.parametrize("scale", ANCHORS)
def test_anchors_are_rated_in_their_order(encoder: SentenceEncoder, scale: str) -> None:
    rated = [rating(encoder, anchor, ANCHORS[scale]) for anchor in ANCHORS[scale]]
    assert all(low < high for low, high in pairwise(rated))
    assert rated[-1] - rated[0] > 2


@pytest.mark.parametrize("measure", ["purchase_intent", "uniqueness", "value_for_money"])
def test_the_anchors_of_the_concept_battery_come_out_in_order(encoder: SentenceEncoder, measure: str) -> None:
    anchors = read_measures(Prompts(read_prompt_texts()), (measure,))[measure].anchors
    found = anchor_self_test([np.array([vector(encoder, text) for text in one]) for one in anchors])
    assert found.is_monotone


def test_most_pairs_of_reactions_are_rated_in_their_order(encoder: SentenceEncoder) -> None:
    right = wrong = 0
    for scale, said in REACTIONS.items():
        for (low, worse), (high, better) in combinations(said, 2):
            if low < high:
                gain = rating(encoder, better, ANCHORS[scale]) - rating(encoder, worse, ANCHORS[scale])
                right, wrong = right + (gain > 0), wrong + (gain <= 0)
    assert (right, wrong) == (31, 7)  # 14 + 14 + 10 pairs; the figures published in docs/embedded.md


def test_tokens_are_those_of_the_published_model(encoder: SentenceEncoder) -> None:
    # ids given by the reference implementation
    assert encoder._words.tokens("Cut  costs\n\ufb01ne \u00bd") == [23152, 7640, 1668, 32259]


def test_a_vector_has_length_one_and_empty_text_has_one_too(encoder: SentenceEncoder) -> None:
    for text in ("Cut costs", ""):
        values, tokens = encoder.encode(text)
        assert len(values) == 512
        assert math.isclose(sum(value * value for value in values), 1, rel_tol=1e-5)
        assert tokens >= 3


def test_a_vector_is_that_of_the_published_model(encoder: SentenceEncoder) -> None:
    # values given by the reference implementation
    assert encoder.encode("Cut costs by half")[0][:4] == pytest.approx(
        (0.085207, -0.024277, 0.016965, -0.009703), abs=1e-5
    )


async def test_an_embedding_call_is_answered_with_its_vector(models: Path, encoder: SentenceEncoder) -> None:
    provider = Embedded(Options(cache_dir=models))
    model = ModelRef(provider="embedded", name="use-m3@182579c19c70")
    said = await provider.complete(EmbeddingCall(model=model, text="Cut costs"))
    await provider.close()
    assert said.vector == encoder.encode("Cut costs")[0]
    assert said.usage.prompt_tokens == 4  # begin, two pieces, end


def test_a_file_that_is_no_sentence_model_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "broken.whl"
    path.write_bytes(b"not an archive")
    with pytest.raises(ProviderError, match="cannot be read as a sentence model"):
        SentenceEncoder(path)
