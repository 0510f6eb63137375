"""The two clients: `Client` for plain programs, `AsyncClient` for those on an event loop."""

import httpx

from panelsim.client.config import configured
from panelsim.client.measured import Calibrations, Evaluations, Measures, Models, Usage
from panelsim.client.profiles import Icps, Panels, Personas
from panelsim.client.resources import Runs, Service, Webhooks
from panelsim.client.shells import AsyncShell, SyncShell
from panelsim.client.studies import (
    Committees,
    ConceptTests,
    Discussions,
    Estimates,
    Hypotheses,
    Interviews,
    MessageTests,
    Surveys,
)
from panelsim.client.talks import Chat, Conversations, Openai


class Client(SyncShell):
    """A client of a panelsim service, with one attribute for each resource. Close it, or use `with`."""

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        timeout: float = 60.0,
        connect_timeout: float = 10.0,
        retries: int = 5,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`api_key`: None takes PANELSIM_API_KEY; `base_url`: None takes PANELSIM_API_URL, or this machine.

        `timeout`: seconds of silence while an answer is awaited; `retries`: after the first attempt.
        Raises `ValueError` for an address or key that cannot be one.
        """
        super().__init__(configured(api_key, base_url, timeout, connect_timeout, retries), transport)
        self.calibrations: Calibrations[SyncShell] = Calibrations(self)
        self.chat: Chat[SyncShell] = Chat(self)
        self.committees: Committees[SyncShell] = Committees(self)
        self.concept_tests: ConceptTests[SyncShell] = ConceptTests(self)
        self.conversations: Conversations[SyncShell] = Conversations(self)
        self.discussions: Discussions[SyncShell] = Discussions(self)
        self.estimates: Estimates[SyncShell] = Estimates(self)
        self.evaluations: Evaluations[SyncShell] = Evaluations(self)
        self.hypotheses: Hypotheses[SyncShell] = Hypotheses(self)
        self.icps: Icps[SyncShell] = Icps(self)
        self.interviews: Interviews[SyncShell] = Interviews(self)
        self.measures: Measures[SyncShell] = Measures(self)
        self.message_tests: MessageTests[SyncShell] = MessageTests(self)
        self.models: Models[SyncShell] = Models(self)
        self.openai: Openai[SyncShell] = Openai(self)
        self.panels: Panels[SyncShell] = Panels(self)
        self.personas: Personas[SyncShell] = Personas(self)
        self.runs: Runs[SyncShell] = Runs(self)
        self.service: Service[SyncShell] = Service(self)
        self.surveys: Surveys[SyncShell] = Surveys(self)
        self.usage: Usage[SyncShell] = Usage(self)
        self.webhooks: Webhooks[SyncShell] = Webhooks(self)


class AsyncClient(AsyncShell):
    """As `Client`, with methods to await and iterators to go through with `async for`."""

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        timeout: float = 60.0,
        connect_timeout: float = 10.0,
        retries: int = 5,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """As `Client`."""
        super().__init__(configured(api_key, base_url, timeout, connect_timeout, retries), transport)
        self.calibrations: Calibrations[AsyncShell] = Calibrations(self)
        self.chat: Chat[AsyncShell] = Chat(self)
        self.committees: Committees[AsyncShell] = Committees(self)
        self.concept_tests: ConceptTests[AsyncShell] = ConceptTests(self)
        self.conversations: Conversations[AsyncShell] = Conversations(self)
        self.discussions: Discussions[AsyncShell] = Discussions(self)
        self.estimates: Estimates[AsyncShell] = Estimates(self)
        self.evaluations: Evaluations[AsyncShell] = Evaluations(self)
        self.hypotheses: Hypotheses[AsyncShell] = Hypotheses(self)
        self.icps: Icps[AsyncShell] = Icps(self)
        self.interviews: Interviews[AsyncShell] = Interviews(self)
        self.measures: Measures[AsyncShell] = Measures(self)
        self.message_tests: MessageTests[AsyncShell] = MessageTests(self)
        self.models: Models[AsyncShell] = Models(self)
        self.openai: Openai[AsyncShell] = Openai(self)
        self.panels: Panels[AsyncShell] = Panels(self)
        self.personas: Personas[AsyncShell] = Personas(self)
        self.runs: Runs[AsyncShell] = Runs(self)
        self.service: Service[AsyncShell] = Service(self)
        self.surveys: Surveys[AsyncShell] = Surveys(self)
        self.usage: Usage[AsyncShell] = Usage(self)
        self.webhooks: Webhooks[AsyncShell] = Webhooks(self)
