"""Cassettes: the HTTP traffic with a model's server, recorded by vcrpy and played back with the network off.

vcrpy looks a request up by comparing it with every recorded one. `IndexedCassette` finds it by method, path
and canonical body, so that a call costs the same in a cassette of ten thousand as in one of five hundred.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict

import orjson
from vcr.cassette import Cassette
from vcr.persisters.filesystem import CassetteNotFoundError
from vcr.record_mode import RecordMode
from vcr.request import Request

from panelsim.errors import InputError, NotRecorded
from panelsim.recording import nearest
from panelsim.recording.files import read_lines, write_lines
from panelsim.recording.offline import offline
from panelsim.recording.wire import Asked, asked, replied, text_of

FORMAT = 1
HOST = "http://recorded"
"""Where a recorded request seems to go."""
UNPATCHED = ("httplib", "requests", "boto3", "urllib3", "httplib2", "tornado")
"""HTTP libraries that no provider uses: vcrpy leaves them alone."""


class _Status(TypedDict):
    code: int
    message: str


class _Content(TypedDict):
    string: bytes


class Reply(TypedDict):
    """A reply in the form of vcrpy."""

    status: _Status
    headers: dict[str, list[str]]
    body: _Content


class _Interactions(TypedDict):
    requests: Sequence[Request]
    responses: Sequence[Reply]
    metadata: dict[str, str]


class _Kept(Request):  # type: ignore[misc]  # vcrpy states no types
    """A request as cassettes keep it: it is not filtered again."""

    def __init__(self, key: Asked) -> None:
        self.key = key
        super().__init__(key.method, HOST + key.path, key.body, {})


class Tape:
    """Cassettes on disk, as vcrpy's persister: a line for each interaction, in the order of bodies."""

    @staticmethod
    def load_cassette(
        cassette_path: str, serializer: object
    ) -> tuple[list[Request], list[Reply], dict[str, str]]:
        """The requests, the replies and what the recording says of itself."""
        del serializer
        path = Path(cassette_path)
        if not path.is_file():
            raise CassetteNotFoundError
        lines = read_lines(path)
        head = orjson.loads(next(lines, b"{}"))
        if head.get("kind") != "cassette" or head.get("format", 0) > FORMAT:
            raise InputError(f"{path} is not a cassette of format {FORMAT}: its first line is {head!r}")
        requests, replies = [], []
        for line in lines:
            one = orjson.loads(line)
            requests.append(_Kept(Asked(one["method"], one["path"], one["asked"].encode())))
            replies.append(_reply(one["status"], one["type"], one["said"].encode()))
        return requests, replies, head["about"]

    @staticmethod
    def save_cassette(cassette_path: str, cassette_dict: _Interactions, serializer: object) -> None:
        """Writes the cassette; equal traffic gives equal bytes, whatever the order it came in."""
        del serializer
        path = Path(cassette_path)
        pairs = zip(cassette_dict["requests"], cassette_dict["responses"], strict=True)
        rows = [
            {
                "method": request.method,
                "path": request.path,
                "asked": text_of(request.body, "a request"),
                "status": reply["status"]["code"],
                "type": reply["headers"]["content-type"][0],
                "said": text_of(reply["body"]["string"], "a reply"),
            }
            for request, reply in pairs
        ]
        rows.sort(key=lambda row: (row["path"], row["asked"]))
        head = {"kind": "cassette", "format": FORMAT, "about": cassette_dict.get("metadata", {})}
        write_lines(path, (orjson.dumps(line, option=orjson.OPT_SORT_KEYS) for line in (head, *rows)))


def _reply(status: int, kind: str, body: bytes) -> Reply:
    return {
        "status": {"code": status, "message": ""},
        "headers": {"content-type": [kind]},
        "body": {"string": body},
    }


def _request_kept(request: Request) -> _Kept:
    return request if isinstance(request, _Kept) else _Kept(_key(request))


def _reply_kept(reply: Reply) -> Reply | None:
    one = replied(reply["status"]["code"], reply["headers"], reply["body"].get("string", b""))
    return None if one is None else _reply(*one)


class IndexedCassette(Cassette):  # type: ignore[misc]  # vcrpy states no types
    """A cassette of vcrpy with an index; in a replay it refuses what was not recorded."""

    def __init__(self, path: str, record_mode: RecordMode) -> None:
        self._places: defaultdict[Asked, deque[int]] = defaultdict(deque)
        """Where the replies to a request are that were not played yet, in the order they were recorded."""
        self.absent: list[NotRecorded] = []
        """What was asked and not recorded; an SDK may have swallowed it."""
        self.asked: list[bytes] = []
        """Bodies of what was asked and not recorded."""
        self._met: tuple[Request, Asked] | None = None
        """The request that was keyed last: vcrpy asks whether it can be played, and then for its reply."""
        super().__init__(
            path,
            persister=Tape,
            record_mode=record_mode,
            before_record_request=_request_kept,
            before_record_response=_reply_kept,
            skip_patchers=UNPATCHED,
        )

    def append(self, request: Request, response: Reply) -> None:
        """Adds an interaction, and a line of the index."""
        place = len(self.data)
        if isinstance(request, _Kept):  # it comes from the file, and its reply too
            self.data.append((request, response))
        else:
            super().append(request, response)
        if len(self.data) > place:
            self._places[_key(self.data[place][0])].append(place)

    def can_play_response_for(self, request: Request) -> bool:
        """Whether a reply is left. In a replay raises `NotRecorded` if not, with the nearest request."""
        key = self._key_of(request)
        if self._places.get(key) and self.rewound:
            return True
        if self.write_protected:
            self.asked.append(key.body)
            self.absent.append(NotRecorded(self._told(key)))
            raise self.absent[-1]
        return False

    def play_response(self, request: Request) -> Reply:
        """The reply to `request` that was recorded first and not played yet."""
        place = self._places[self._key_of(request)].popleft()
        self.play_counts[place] += 1
        reply: Reply = self.data[place][1]
        return reply

    def _key_of(self, request: Request) -> Asked:
        if self._met is None or self._met[0] is not request:
            self._met = request, _key(request)
        return self._met[1]

    def _told(self, key: Asked) -> str:
        what = f"{key.method} {key.path}"
        if key in self._places:
            return f"{what}: this request was recorded {_times(self, key)} and is asked once more."
        if self.absent:  # the first says enough, and a changed prompt can be absent ten thousand times
            return f"{what} was asked and not recorded in {self._path}, as another before it."
        left = [request.body for request, _ in self.data if request.path == key.path]
        return nearest.told(f"{what} was asked and not recorded in {self._path}.", key.body, left)

    def check(self) -> None:
        """Raises `NotRecorded` if something was asked and not recorded, or recorded and not asked."""
        if self.absent:
            raise self.absent[0]
        left = [place for places in self._places.values() for place in places]
        if left:
            first = self.data[min(left)][0]
            what = f"{len(left)} of {len(self.data)} recorded requests in {self._path} were never asked."
            played = [self.data[place][0].body for place in self.play_counts]
            raise NotRecorded(nearest.told(what, first.body, played, ("asked", "recorded")))


def _key(request: Request) -> Asked:
    return request.key if isinstance(request, _Kept) else asked(request.method, request.uri, request.body)


def _times(cassette: IndexedCassette, key: Asked) -> str:
    n = sum(_key(request) == key for request, _ in cassette.data)
    return "once" if n == 1 else f"{n} times"


@contextmanager
def recording(path: Path, about: dict[str, str] | None = None) -> Iterator[IndexedCassette]:
    """Records the HTTP traffic of the block to `path`, in place of what is there, unless the block fails.

    `about` is kept in the file's head. Keys, cookies and whatever else headers hold never reach the file.
    """
    fresh = path.with_name(f"recording-{path.name}")
    fresh.unlink(missing_ok=True)
    with _using(fresh, RecordMode.ONCE) as cassette:
        for name, text in (about or {}).items():
            cassette.get_metadata(name, text)
        yield cassette
    if fresh.exists():
        fresh.replace(path)
    else:
        raise InputError(f"nothing was said over HTTP, so there is nothing to record in {path}")


@contextmanager
def replaying(path: Path, *, whole: bool = True) -> Iterator[IndexedCassette]:
    """Plays the cassette at `path` to the block, the network off; `whole`: each request must be asked.

    Raises `InputError` if there is no cassette, and `NotRecorded` with the nearest request's difference.
    """
    if not path.is_file():
        raise InputError(f"there is no cassette {path}")
    with _using(path, RecordMode.NONE) as cassette, offline():
        yield cassette
        if whole or cassette.absent:
            cassette.check()


def about(path: Path) -> dict[str, str]:
    """What the cassette at `path` says of itself."""
    return Tape.load_cassette(str(path), None)[2]


@contextmanager
def _using(path: Path, mode: RecordMode) -> Iterator[IndexedCassette]:
    with IndexedCassette.use(path=str(path), record_mode=mode, record_on_exception=False) as cassette:
        yield cassette
