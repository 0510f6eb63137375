"""Operations on talks with personas: chat completions in OpenAI's form, and the conversations behind them."""

from typing import Unpack

from panelsim.client import answers, requests
from panelsim.client.calls import Place, delete, get, page, post
from panelsim.client.faces import Listing, Operation, Resource, S
from panelsim.client.wire import Call, Page


class Chat(Resource[S]):
    """A talk with a persona."""

    @Operation
    def create_completion(
        self, *, idempotency_key: str = "", **wanted: Unpack[requests.ChatRequest]
    ) -> Call[answers.ChatCompletion]:
        """What the persona says next, in one piece; any OpenAI client can stream it."""
        return post("/v1/chat/completions", answers.ChatCompletion, wanted, key=idempotency_key)


class Openai(Resource[S]):
    """The same at the addresses that OpenAI's own clients use."""

    @Operation
    def create_chat_completion(
        self, *, idempotency_key: str = "", **wanted: Unpack[requests.ChatRequest]
    ) -> Call[answers.ChatCompletion]:
        """As `chat.create_completion`."""
        return post("/openai/v1/chat/completions", answers.ChatCompletion, wanted, key=idempotency_key)

    @Operation
    def models(self) -> Call[answers.ModelList]:
        """Every persona, as a model."""
        return get("/openai/v1/models", answers.ModelList)

    @Operation
    def model(self, model: Place) -> Call[answers.ListedModel]:
        """One persona, as a model: `persona:ID`."""
        return get("/openai/v1/models/{model}", answers.ListedModel, model)


class Conversations(Resource[S]):
    """Talks that are kept."""

    @Listing
    def list(self, *, limit: int = 50) -> Call[Page[answers.ConversationHead]]:
        """All of them, newest first."""
        return page("/v1/conversations", answers.ConversationHead, limit)

    @Operation
    def get(self, conversation: Place, *, exchange: int | None = None) -> Call[answers.ConversationView]:
        """What was said, with the calls behind it."""
        path = "/v1/conversations/{conversation_id}"
        return get(path, answers.ConversationView, conversation, exchange=exchange)

    @Operation
    def delete(self, conversation: Place) -> Call[None]:
        """Forgets it."""
        return delete("/v1/conversations/{conversation_id}", conversation)
