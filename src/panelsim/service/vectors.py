"""Sentence vectors of texts: computed on this machine, kept in the store for the reports that need them."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import starmap

from panelsim.execution.loop import run_loop
from panelsim.model.call import Completion, EmbeddingCall, ModelRef, Usage
from panelsim.model.study import MessageTest, Study
from panelsim.providers import Options, parse_model_ref, resolve_model_ref
from panelsim.providers.catalogue import DEFAULT_EMBEDDING
from panelsim.service.workspace import Workspace
from panelsim.settings import Settings
from panelsim.store import Store


def sentence_model(settings: Settings) -> ModelRef:
    """The sentence model of this machine, named with its hash. InputError if it is not here."""
    ref = parse_model_ref(f"embedded/{DEFAULT_EMBEDDING}")
    return resolve_model_ref(ref, Options(cache_dir=settings.cache_dir))


def encode_texts(texts: Sequence[str], ref: ModelRef, settings: Settings) -> tuple[Completion, ...]:
    """The vector of each text and its tokens, by a model of this machine; about 3 ms a text.

    Raises `InputError` if the model is not here.
    """
    from panelsim.providers.model_files import local_model
    from panelsim.providers.sentence import SentenceEncoder

    model = local_model(ref.name, settings.cache_dir)
    encoder = SentenceEncoder(model.path)
    return tuple(
        Completion(vector=vector, usage=Usage(prompt_tokens=tokens), reported_model=model.name)
        for vector, tokens in map(encoder.encode, texts)
    )


def calibration_calls(study: Study) -> dict[str, EmbeddingCall]:
    """The calls whose vectors the study's calibration reads, by text; empty if it reads none."""
    if (
        not isinstance(study, MessageTest)
        or study.calibration is None
        or not study.calibration.embedding_model
    ):
        return {}
    ref = parse_model_ref(study.calibration.embedding_model)
    texts = [stimulus.text for stimulus in study.stimuli]
    return {text: EmbeddingCall(model=ref, text=text, purpose="calibration") for text in texts}


def stored_vectors(study: Study, store: Store) -> Mapping[str, tuple[float, ...]] | None:
    """The vectors that the study's calibration reads, by text; None if one is not in the store."""
    calls = calibration_calls(study)
    found = store.get_many(call.key for call in calls.values()) if calls else {}
    if len(found) < len({call.key for call in calls.values()}):
        return None
    return {text: found[call.key].vector for text, call in calls.items()}


def keep_vectors(study: Study, workspace: Workspace) -> None:
    """Computes and stores the vectors that the study's calibration reads, if they are not stored yet.

    Raises `InputError` if the sentence model is not on this machine.
    """
    calls = calibration_calls(study)
    if not calls or stored_vectors(study, workspace.store) is not None:
        return
    (ref,) = {call.model for call in calls.values()}
    vectors = encode_texts(list(calls), ref, workspace.settings)
    kept = list(zip(calls.values(), vectors, strict=True))

    async def keep() -> None:
        put = workspace.store.put
        await asyncio.gather(*starmap(put, ((call.key, call, said) for call, said in kept)))

    run_loop(keep())
