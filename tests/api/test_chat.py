"""Personas behind the OpenAI protocol: who answers, what is refused, what is kept and what it costs."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pydantic import JsonValue

from panelsim.api.app import create_app
from panelsim.model.call import ChatCall
from panelsim.providers.prices import PICO
from panelsim.service.apart import Payer
from panelsim.store import RunRequest
from tests.api.conftest import Service

ASKED = "What made you look for a new tool?"
CHAT: dict[str, JsonValue] = {
    "model": "persona:vp-sales",
    "messages": [{"role": "user", "content": ASKED}],
    "panelsim": {"model": "scripted/sensible"},
}
PATH = "/v1/chat/completions"


@pytest.fixture
def chatting(service: Service) -> Iterator[Service]:
    """A service whose lines stay open from one request to the next."""
    with service.client:
        yield service


@pytest.fixture
def paid(service: Service) -> Iterator[Service]:
    """A service whose scripted model costs 10 dollars a million tokens."""
    workspace = service.api.workspace
    settings = workspace.settings.model_copy(update={"prices": "scripted/sensible=10,10"})
    api = replace(service.api, workspace=replace(workspace, settings=settings))
    with type(service.client)(create_app(api)) as client:
        yield Service(api, client)


def say(service: Service, headers: dict[str, str], **more: object) -> dict[str, Any]:
    response = service.client.post(PATH, json=CHAT | more, headers=headers)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def traced(said: dict[str, Any]) -> dict[str, Any]:
    behind: dict[str, Any] = said["panelsim"]
    return behind


def words(said: dict[str, Any]) -> str:
    return str(said["choices"][0]["message"]["content"])


def test_a_respondent_of_the_persona_answers_and_every_word_is_traced(chatting: Service) -> None:
    said = say(chatting, chatting.key())
    assert said["object"] == "chat.completion"
    behind = traced(said)
    assert (behind["simulated"], behind["respondent"], behind["missing"]) == (True, "vp-sales-01", "")
    (key,) = behind["call_keys"]
    store = chatting.api.workspace.store
    completion, call = store.get(str(key)), store.call_of(str(key))
    assert completion is not None
    assert isinstance(call, ChatCall)
    assert words(said) == completion.text
    usage = completion.usage
    assert said["usage"] == {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": 0},
    }
    assert "Buyer: VP of Sales at a" in call.messages[-1].content
    assert store.prompts(str(said["system_fingerprint"])) == chatting.api.workspace.prompt_texts


def test_a_system_message_is_a_note_and_never_the_system_message(chatting: Service) -> None:
    order = [{"role": "system", "content": "You are ChatGPT."}, {"role": "user", "content": ASKED}]
    (key,) = traced(say(chatting, chatting.key(), messages=order))["call_keys"]
    call = chatting.api.workspace.store.call_of(str(key))
    assert isinstance(call, ChatCall)
    (system,) = [one.content for one in call.messages if one.role == "system"]
    assert system.startswith("You are the business buyer described")
    assert "ChatGPT" not in system
    assert '"You are ChatGPT."' in call.messages[-1].content


def test_the_same_request_gets_the_same_answer_for_nothing_and_a_seed_another(paid: Service) -> None:
    headers = paid.key()
    first, again, other = say(paid, headers), say(paid, headers), say(paid, headers, seed=11)
    assert words(first) == words(again)
    assert (first["usage"], traced(first)["call_keys"]) == (again["usage"], traced(again)["call_keys"])
    assert float(traced(first)["cost_usd"]) > 0 == traced(again)["cost_usd"]
    assert traced(other)["respondent"] == traced(first)["respondent"]
    assert traced(other)["call_keys"] != traced(first)["call_keys"]


def test_seed_and_place_draw_the_respondent_and_metadata_says_the_same(chatting: Service) -> None:
    headers = chatting.key()
    second = traced(say(chatting, headers, panelsim={"model": "scripted/sensible", "respondent": 2}))
    said = {"panelsim.model": "scripted/sensible", "panelsim.respondent": "2"}
    in_metadata = without(CHAT, "panelsim") | {"metadata": said}
    same = chatting.client.post(PATH, json=in_metadata, headers=headers).json()["panelsim"]
    assert (second["respondent"], second["name"]) == (same["respondent"], same["name"])
    assert second["respondent"] == "vp-sales-02"
    reseeded = traced(say(chatting, headers, panelsim={"model": "scripted/sensible", "seed": 8}))
    first = traced(say(chatting, headers))
    assert (first["respondent"], reseeded["respondent"]) == ("vp-sales-01", "vp-sales-01")
    assert first["name"] != reseeded["name"]


def without(body: dict[str, JsonValue], name: str) -> dict[str, JsonValue]:
    return {field: value for field, value in body.items() if field != name}


def test_a_stream_tells_the_same_words_then_the_usage_then_that_it_is_done(chatting: Service) -> None:
    headers = chatting.key()
    whole = say(chatting, headers)
    wanted = CHAT | {"stream": True, "stream_options": {"include_usage": True}}
    response = chatting.client.post("/openai/v1/chat/completions", json=wanted, headers=headers)
    assert response.headers["content-type"].startswith("text/event-stream")
    told = [line.removeprefix("data: ") for line in response.text.splitlines() if line.startswith("data: ")]
    assert told[-1] == "[DONE]"
    chunks = [json.loads(one) for one in told[:-1]]
    pieces = [one["choices"][0]["delta"].get("content", "") for one in chunks if one["choices"]]
    assert "".join(pieces) == words(whole)
    assert len(pieces) > len(words(whole).split())  # one a word, and the first and last chunk
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"] == whole["usage"]
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
    assert chunks[-2]["panelsim"]["call_keys"] == traced(whole)["call_keys"]
    assert all(one["usage"] is None for one in chunks[:-1])


def test_a_refusal_of_the_model_is_told_as_one(chatting: Service) -> None:
    said = say(chatting, chatting.key(), panelsim={"model": "scripted/refuses"})
    (choice,) = said["choices"]
    assert choice["message"]["content"] is None
    assert choice["message"]["refusal"] == "I'm sorry, but I can't help with that."
    assert traced(said)["missing"] == "refused"


BAD: list[tuple[dict[str, JsonValue], int, str, str]] = [
    ({"tools": [{"type": "function"}]}, 422, "tools", "a persona calls no tools"),
    ({"n": 2}, 422, "n", "expected 1 or nothing"),
    ({"response_format": {"type": "json_object"}}, 422, "response_format", "expected"),
    ({"unheard_of": 1}, 422, "unheard_of", "unknown field"),
    ({"model": "gpt-4o"}, 422, "model", "expected persona:ID"),
    ({"model": "persona:nobody"}, 404, "model", "expected one of persona:"),
    ({"model": "persona:../../etc/passwd"}, 404, "model", "expected one of persona:"),
    ({"messages": []}, 422, "messages", "at least 1"),
    ({"messages": [{"role": "system", "content": "x"}]}, 422, "messages", "nobody asks anything"),
    ({"messages": [{"role": "assistant", "content": "x"}]}, 422, "", "begin and end with the interviewer"),
    (
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
        422,
        "messages.0",
        "'image_url' cannot be seen or heard",
    ),
    ({"messages": [{"role": "tool", "content": "x"}]}, 422, "messages.0", "calls no tools"),
    ({"panelsim": {"model": "embedded:/etc/passwd"}}, 422, "", "not in the catalogue"),
    ({"panelsim": {"model": "scripted/sensible", "base_url": "http://x"}}, 422, "panelsim.base_url", ""),
]


@pytest.mark.parametrize(("more", "status", "param", "message"), BAD)
def test_what_a_persona_cannot_do_is_refused_in_the_shape_of_the_protocol(
    service: Service, more: dict[str, JsonValue], status: int, param: str, message: str
) -> None:
    response = service.client.post(PATH, json=CHAT | more, headers=service.key())
    error = response.json()["error"]
    code = "not_found" if status == 404 else "invalid_request"
    assert (response.status_code, error["code"], error["param"] or "") == (status, code, param)
    assert message in error["message"]
    assert error["type"] == "invalid_request_error"
    assert error["request_id"] == response.headers["x-request-id"]
    assert service.api.workspace.store.count() == 0


def test_a_key_must_be_there_and_may_have_to_write(service: Service) -> None:
    nobody = service.client.post(PATH, json=CHAT)
    assert (nobody.status_code, nobody.json()["error"]["code"]) == (401, "unauthorized")
    reader = service.client.post(PATH, json=CHAT, headers=service.key(scopes=("runs:read",)))
    assert (reader.status_code, reader.json()["error"]["code"]) == (403, "forbidden")


def test_every_persona_is_listed_as_a_model(service: Service) -> None:
    headers = service.key()
    listed = service.client.get("/openai/v1/models", headers=headers).json()
    assert listed["object"] == "list"
    assert {"persona:vp-sales", "persona:cfo"} <= {one["id"] for one in listed["data"]}
    one = service.client.get("/openai/v1/models/persona:cfo", headers=headers).json()
    assert one == {"id": "persona:cfo", "object": "model", "created": 0, "owned_by": "panelsim"}
    assert service.client.get("/openai/v1/models/cfo", headers=headers).status_code == 404


def test_an_idempotency_key_gives_the_first_answer_again(chatting: Service) -> None:
    headers = chatting.key() | {"Idempotency-Key": "k"}
    first = chatting.client.post(PATH, json=CHAT, headers=headers)
    again = chatting.client.post(PATH, json=CHAT, headers=headers)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    other = chatting.client.post(PATH, json=CHAT | {"seed": 1}, headers=headers)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_key_reused")


# ---- money


def test_an_answer_that_the_month_cannot_pay_is_refused_before_it_is_asked(paid: Service) -> None:
    headers = paid.key(cap=PICO // 20)  # $0.05, and an answer may cost $0.10 unless it says otherwise
    refused = paid.client.post(PATH, json=CHAT, headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (402, "spend_cap_reached")
    dear = CHAT | {"panelsim": {"model": "scripted/sensible", "max_cost_usd": 0.0001}}
    refused = paid.client.post(PATH, json=dear, headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (402, "spend_cap_reached")
    assert paid.api.workspace.store.count() == 0


def test_what_an_answer_costs_is_on_its_account_and_nothing_stays_set_aside(paid: Service) -> None:
    store = paid.api.workspace.store
    said = traced(say(paid, paid.key(name="x", account="acc_x")))
    (spending,) = store.spending()
    assert spending.account == "acc_x"
    assert spending.pico / PICO == said["cost_usd"]
    assert store.exposed_of("acc_x") == spending.pico
    assert store.exposed_of(Payer().account) == 0


def test_money_is_set_aside_while_calls_are_under_way_and_not_for_ever(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = service.api.workspace.store
    store.save_request(RunRequest(run_id="chatcmpl-1", account="a", reserved=5), None)
    assert store.exposed_of("a") == 5
    now = time.time()
    monkeypatch.setattr("panelsim.store.accounts.time.time", lambda: now + 3601)
    assert store.exposed_of("a") == 0  # whoever set it aside has died
    store.drop_request("chatcmpl-1")
    monkeypatch.undo()
    assert store.exposed_of("a") == 0


# ---- conversations


def test_a_conversation_is_kept_grows_and_leads_from_each_answer_to_its_call(chatting: Service) -> None:
    headers = chatting.key()
    first = say(chatting, headers, metadata={"campaign": "spring"})
    history = [
        {"role": "user", "content": ASKED},
        {"role": "assistant", "content": words(first)},
        {"role": "user", "content": "Who else decided?"},
    ]
    second = say(chatting, headers, messages=history)
    name = traced(first)["conversation"]
    assert traced(second)["conversation"] == name
    kept = chatting.client.get(f"/v1/conversations/{name}", headers=headers).json()
    assert (kept["exchanges"], kept["exchange"]) == (2, second["id"])
    assert [turn["text"] for turn in kept["turns"]] == [
        ASKED,
        words(first),
        "Who else decided?",
        words(second),
    ]
    keys = [turn["call_key"] for turn in kept["turns"] if turn["speaker"] == "respondent"]
    assert keys == [*traced(first)["call_keys"], *traced(second)["call_keys"]]
    assert [prompt["id"] for prompt in kept["prompts"]] == ["sessions/interview"]
    before = chatting.client.get(f"/v1/conversations/{name}?exchange=1", headers=headers).json()
    assert (before["exchange"], before["metadata"]) == (first["id"], {"campaign": "spring"})


def test_words_that_the_caller_puts_into_the_personas_mouth_have_no_call(chatting: Service) -> None:
    headers = chatting.key()
    history = [
        {"role": "user", "content": ASKED},
        {"role": "assistant", "content": "I buy everything."},
        {"role": "user", "content": "Really?"},
    ]
    name = traced(say(chatting, headers, messages=history))["conversation"]
    kept = chatting.client.get(f"/v1/conversations/{name}", headers=headers).json()
    assert [bool(turn["call_key"]) for turn in kept["turns"]] == [False, False, False, True]


def test_conversations_are_listed_latest_first_and_are_their_accounts_alone(chatting: Service) -> None:
    mine, other = chatting.key("a"), chatting.key("b")
    names = [
        traced(say(chatting, mine, messages=[{"role": "user", "content": text}]))["conversation"]
        for text in ("One?", "Two?", "Three?")
    ]
    page = chatting.client.get("/v1/conversations?limit=2", headers=mine).json()
    assert [one["id"] for one in page["data"]] == [names[2], names[1]]
    rest = chatting.client.get(f"/v1/conversations?cursor={page['next_cursor']}", headers=mine).json()
    assert ([one["id"] for one in rest["data"]], rest["has_more"]) == ([names[0]], False)
    assert chatting.client.get("/v1/conversations", headers=other).json()["data"] == []
    path = f"/v1/conversations/{names[0]}"
    for asked in (chatting.client.get, chatting.client.delete):
        assert asked(path, headers=other).json()["code"] == "not_found"
    assert chatting.client.delete(path, headers=mine).status_code == 204
    assert chatting.client.get(path, headers=mine).status_code == 404
