"""ICPs, personas and panels over HTTP: versions, references, ids of shipped ones, and whose they are."""

import json
from pathlib import Path

import pytest
import yaml

from panelsim.api.routes.profiles import today
from panelsim.files import read_panel_spec, read_persona
from panelsim.model.fingerprint import content_hash
from panelsim.planning.lint import lint_persona
from panelsim.planning.panel_rules import lint_panel
from panelsim.service.linting import lint_profiles
from tests.api.conftest import TEST, Service
from tests.api.own_profiles import ALL, COACHES, CORNER_SHOPS, FLEET, MANAGER, PANEL, Fields, changed

Headers = dict[str, str]


@pytest.fixture
def mine(service: Service) -> Headers:
    """An account that keeps all of `ALL`."""
    headers = service.key()
    for path, fields in ALL:
        made = service.client.post(f"/v1/{path}", json=fields, headers=headers)
        assert made.status_code == 201, made.text
    return headers


def test_a_profile_is_made_with_version_1_and_found_where_it_says(service: Service) -> None:
    headers = service.key()
    made = service.client.post("/v1/icps", json=FLEET | {"version": 8}, headers=headers)
    assert made.status_code == 201
    assert made.headers["location"] == "/v1/icps/fleet-operators"
    told = service.client.get(made.headers["location"], headers=headers).json()
    assert told == made.json()
    assert (told["version"], told["source"], told["object"]) == (1, "own", "icp")
    assert told["given"] == FLEET  # without the version, which is numbered here
    assert told["profile"]["firmographics"]["headcount"]["max"] == 500


def test_put_makes_versions_that_can_all_be_read_and_the_same_body_makes_none(
    service: Service, mine: Headers
) -> None:
    path = "/v1/icps/fleet-operators"
    other = changed(FLEET, title="Fleets")
    for _ in range(2):
        put = service.client.put(path, json=other, headers=mine)
        assert (put.status_code, put.json()["version"]) == (200, 2)
    assert service.client.get(path, headers=mine).json()["title"] == "Fleets"
    assert service.client.get(f"{path}?version=1", headers=mine).json()["title"] == "Fleet operators"
    assert service.client.get(f"{path}?version=3", headers=mine).status_code == 404
    first = service.client.get(f"{path}/versions?limit=1", headers=mine).json()
    rest = service.client.get(f"{path}/versions?cursor={first['next_cursor']}", headers=mine).json()
    assert [one["version"] for one in (*first["data"], *rest["data"])] == [2, 1]
    assert not rest["has_more"]
    assert len({one["content"] for one in (*first["data"], *rest["data"])}) == 2


def test_post_of_another_profile_under_a_taken_id_is_a_conflict_and_of_the_same_one_is_not(
    service: Service, mine: Headers
) -> None:
    again = service.client.post("/v1/icps", json=FLEET, headers=mine)
    assert (again.status_code, again.json()["version"]) == (200, 1)
    other = service.client.post("/v1/icps", json=changed(FLEET, title="Others"), headers=mine)
    assert (other.status_code, other.json()["code"]) == (409, "conflict")


def test_yaml_as_in_a_file_gives_what_json_gives(service: Service, mine: Headers) -> None:
    text = yaml.safe_dump(changed(MANAGER, id="by-file"))
    headers = mine | {"Content-Type": "application/yaml"}
    by_file = service.client.post("/v1/personas", content=text, headers=headers).json()
    by_json = service.client.post("/v1/personas", json=changed(MANAGER, id="by-json"), headers=mine).json()
    assert by_file["profile"] | {"id": ""} == by_json["profile"] | {"id": ""}


def test_a_list_pages_through_own_and_shipped_ones_and_own_wins(service: Service, mine: Headers) -> None:
    shipped = service.client.get("/v1/personas/vp-sales", headers=mine).json()
    own = shipped["given"] | {"title": "My VP"}
    assert service.client.put("/v1/personas/vp-sales", json=own, headers=mine).status_code == 201
    found, cursor = [], ""
    while True:
        page = service.client.get(f"/v1/personas?limit=4&cursor={cursor}", headers=mine).json()
        found += page["data"]
        if not page["has_more"]:
            break
        cursor = page["next_cursor"]
    ids = [one["id"] for one in found]
    assert ids == sorted(set(ids))
    sources = {one["id"]: one["source"] for one in found}
    assert sources["vp-sales"] == sources["fleet-manager"] == "own"
    assert sources["cfo"] == "shipped"
    assert all(one["content"] and not one["fault"] for one in found)
    only = service.client.get("/v1/personas?source=own&limit=100", headers=mine).json()["data"]
    assert [one["id"] for one in only] == ["fleet-manager", "shopkeeper", "vp-sales"]
    others = service.client.get("/v1/personas?source=shipped&limit=100", headers=mine).json()["data"]
    assert "vp-sales" not in {one["id"] for one in others}
    assert service.client.delete("/v1/personas/vp-sales", headers=mine).status_code == 204
    assert service.client.get("/v1/personas/vp-sales", headers=mine).json() == shipped


def test_a_shipped_profile_has_the_content_that_its_file_has(service: Service) -> None:
    told = service.client.get("/v1/panels/sales-trio", headers=service.key()).json()
    assert told["content"] == content_hash(read_panel_spec("sales-trio").spec)
    assert told["source"] == "shipped"


def test_a_micro_icp_takes_over_what_it_does_not_state(service: Service, mine: Headers) -> None:
    told = service.client.get("/v1/icps/coach-operators", headers=mine).json()
    assert told["given"] == COACHES
    assert told["profile"]["firmographics"]["headcount"]["min"] == 50
    assert [one["name"] for one in told["profile"]["firmographics"]["industries"]] == ["Coach travel"]


def test_what_another_profile_names_cannot_be_deleted(service: Service, mine: Headers) -> None:
    for path, name in (("icps/fleet-operators", "coach-operators"), ("personas/fleet-manager", "fleet")):
        refused = service.client.delete(f"/v1/{path}", headers=mine)
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
        assert name in refused.json()["detail"]
    for path, fields in reversed(ALL):
        assert service.client.delete(f"/v1/{path}/{fields['id']}", headers=mine).status_code == 204
    assert service.client.delete("/v1/icps/b2b-saas", headers=mine).status_code == 409  # shipped


def test_an_icp_cannot_descend_from_itself(service: Service, mine: Headers) -> None:
    refused = service.client.put(
        "/v1/icps/fleet-operators", json=changed(FLEET, parent="coach-operators"), headers=mine
    )
    assert refused.status_code == 422
    assert "descends" in refused.json()["detail"]


def test_a_profile_that_a_change_elsewhere_broke_is_shown_with_the_fault(
    service: Service, mine: Headers
) -> None:
    positive = changed(CORNER_SHOPS, polarity="positive")
    assert service.client.put("/v1/icps/corner-shops", json=positive, headers=mine).status_code == 200
    broken = service.client.get("/v1/panels/fleet", headers=mine).json()
    assert broken["profile"] is None
    assert "polarity" in broken["fault"]
    assert broken["given"] == PANEL
    listed = service.client.get("/v1/panels?source=own", headers=mine).json()["data"]
    assert listed[0]["fault"] == broken["fault"]


WRONG: dict[str, tuple[str, Fields, str]] = {
    "a mistyped field": ("icps", changed(FLEET, titel="x"), "body.titel"),
    "a number out of range": ("personas", changed(MANAGER, icps=[], trait_spread=9), "body.trait_spread"),
    "no id": ("panels", {"icps": ["b2b-saas"], "personas": ["cfo"]}, "body.id"),
    "an unknown ICP": ("personas", changed(MANAGER, icps=["nowhere"]), "body.icps[0]"),
    "an unknown persona": ("panels", {"id": "p", "icps": ["b2b-saas"], "personas": ["cfoo"]},
                           "body.personas[0].persona"),
    "an unknown parent": ("icps", COACHES, "body.parent"),
    "a path": ("panels", {"id": "p", "icps": ["../b2b-saas.yaml"], "personas": ["cfo"]}, "body.icps[0]"),
    "an id like a file": ("icps", changed(FLEET, id="x.yaml"), "body.id"),
    "a persona twice": ("panels", {"id": "p", "icps": ["b2b-saas"], "personas": ["vp-sales", "vp-sales"]},
                        "body.personas[1]"),
    "the wrong arm": ("panels", {"id": "p", "icps": ["local-services"], "personas": ["cfo"]}, "body.icps[0]"),
}  # fmt: skip


def test_a_wrong_field_is_one_problem_that_names_it(service: Service) -> None:
    headers = service.key()
    for name, (path, fields, param) in WRONG.items():
        for asked in (f"/v1/{path}", f"/v1/{path}/lint"):
            refused = service.client.post(asked, json=fields, headers=headers)
            assert refused.status_code == 422, name
            told = refused.json()
            assert told["code"] == "invalid_request"
            assert param in {one["param"] for one in told["errors"]}, name
            assert "/" not in told["detail"].replace("../b2b-saas.yaml", "")  # no path of the server
        assert service.client.get(f"/v1/{path}?source=own", headers=headers).json()["data"] == []


ALIASES = b"a: &a [1,1,1,1,1,1,1,1,1]\n" + b"".join(
    b"%c: &%c [%s]\n" % (new, new, b",".join([b"*%c" % old] * 9))
    for old, new in zip(b"abcd", b"bcde", strict=True)
)
MALFORMED: dict[str, tuple[str, bytes, int]] = {
    "no JSON": ("application/json", b"{", 400),
    "a field twice": ("application/json", b'{"id": "a", "id": "b"}', 400),
    "a number beyond counting": ("application/json", b'{"id": "a", "n": 1e999}', 400),
    "half a character": ("application/json", b'{"id": "a", "title": "\\ud800"}', 400),
    "NUL": ("application/json", b'{"id": "a", "title": "\\u0000"}', 400),
    "no UTF-8": ("application/json", b'{"id": "\xff"}', 400),
    "nested without end": ("application/json", b"[" * 5000 + b"]" * 5000, 400),
    "a list": ("application/json", b"[]", 422),
    "no YAML": ("application/yaml", b"id: [", 400),
    "a YAML tag": ("application/yaml", b"id: !!python/object:os.system x", 400),
    "a number that is none": ("application/yaml", b"id: !!int abc", 400),
    "aliases that multiply": ("application/yaml", ALIASES, 400),
    "another type": ("text/plain", b"id: a", 415),
    "too long": ("application/yaml", b"id: a\ntitle: " + b"x" * 200_001, 413),
}  # fmt: skip


def test_a_body_that_cannot_be_read_is_one_clear_problem(service: Service) -> None:
    key = service.key()
    for name, (kind, body, status) in MALFORMED.items():
        for path in ("/v1/icps", "/v1/personas/lint"):
            refused = service.client.post(path, content=body, headers=key | {"Content-Type": kind})
            assert refused.status_code == status, name
            assert refused.headers["content-type"] == "application/problem+json"
            assert len(refused.json()["detail"]) < 500


def test_a_put_under_another_id_than_the_body_says_is_refused(service: Service, mine: Headers) -> None:
    refused = service.client.put("/v1/icps/other", json=FLEET, headers=mine)
    assert (refused.status_code, refused.json()["param"]) == (422, "body.id")
    nameless = {key: value for key, value in FLEET.items() if key != "id"}
    assert service.client.put("/v1/icps/other", json=nameless, headers=mine).json()["id"] == "other"


def test_no_other_account_sees_or_reaches_a_profile(service: Service, mine: Headers) -> None:
    stranger = service.key("stranger")
    for path, fields in ALL:
        at = f"/v1/{path}/{fields['id']}"
        nothing = f"/v1/{path}/nothing-there"
        for method, tail in (("GET", ""), ("GET", "/versions"), ("POST", "/lint"), ("DELETE", "")):
            refused = service.client.request(method, at + tail, headers=stranger)
            missing = service.client.request(method, nothing + tail, headers=stranger)
            assert refused.status_code == missing.status_code == 404
            said = refused.json()["detail"].replace(fields["id"], "nothing-there")
            assert said == missing.json()["detail"]
        listed = service.client.get(f"/v1/{path}?source=own", headers=stranger).json()["data"]
        assert listed == []
    match = service.client.post("/v1/icps/fleet-operators/match", json=[{"a": 1}], headers=stranger)
    assert match.status_code == 404
    refused = service.client.post("/v1/personas", json=MANAGER, headers=stranger)
    assert "coach-operators" in refused.json()["detail"]  # its ICP is not the stranger's
    unknown = service.client.post("/v1/message-tests", json=TEST | {"panel": "fleet"}, headers=stranger)
    assert unknown.status_code == 422
    assert "no panel is called 'fleet'" in unknown.json()["detail"]
    assert service.client.get("/v1/icps/fleet-operators", headers=mine).json()["version"] == 1


def test_a_repeated_post_with_its_idempotency_key_makes_one_version(service: Service) -> None:
    headers = service.key() | {"Idempotency-Key": "k"}
    first = service.client.post("/v1/icps", json=FLEET, headers=headers)
    again = service.client.post("/v1/icps", json=FLEET, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json()


def test_lint_says_of_own_profiles_what_the_command_says_of_their_files(
    service: Service, mine: Headers, tmp_path: Path
) -> None:
    def in_files(fields: Fields, name: str) -> str:
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump(fields))
        return str(path)

    def said(path: str) -> list[dict[str, str]]:
        told = service.client.post(path, headers=mine).json()
        assert told["errors"] + told["warnings"] == len(told["findings"]) > 0
        return list(told["findings"])

    icp = lint_profiles([in_files(FLEET, "fleet-operators")], today=today())
    bare = [one for one in icp if "no persona belongs" not in one.what]
    assert said("/v1/icps/fleet-operators/lint") == [one.model_dump(mode="json") for one in bare]
    lonely = changed(MANAGER, icps=[])
    found = lint_persona(read_persona(in_files(lonely, "lonely")), today=today())
    told = service.client.post("/v1/personas/lint", json=lonely, headers=mine).json()["findings"]
    assert told == [one.model_dump(mode="json") for one in found]
    in_files(COACHES, "coach-operators")
    in_files(CORNER_SHOPS, "corner-shops")
    alone = changed(PANEL, icps=["coach-operators.yaml"], personas=["fleet-manager.yaml"], anti_icps=[],
                    anti_personas=[])  # fmt: skip
    in_files(MANAGER, "fleet-manager")
    panel = lint_panel(read_panel_spec(in_files(alone, "fleet")), today=today())
    body = changed(PANEL, anti_icps=[], anti_personas=[])
    told = service.client.post("/v1/panels/lint", json=body, headers=mine).json()["findings"]
    assert told == [one.model_dump(mode="json") for one in panel]
    assert {"level", "where", "what", "why", "fix"} == set(json.loads(json.dumps(told[0])))
