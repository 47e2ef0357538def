"""LlamaIndex in the table of clients."""

import openai
from features import GREETING, KEY, URL, feature, raised, run, same
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.openai_like import OpenAILikeEmbedding
from llama_index.llms.openai_like import OpenAILike
from pydantic import BaseModel

# The client:
chat_model = OpenAILike(
    model="writer",
    api_base=f"{URL}/stream/v1",
    api_key=KEY,
    is_chat_model=True,
    is_function_calling_model=True,
    context_window=4096,
)
embedder = OpenAILikeEmbedding(model_name="embedder", api_base=f"{URL}/stream/v1", api_key=KEY)

hello = [ChatMessage(role="user", content="Hello")]


class Weather(BaseModel):
    """Weather of a city."""

    city: str
    degrees: int


def weather(city: str) -> str:
    """Weather of a city."""
    return city


tool = FunctionTool.from_defaults(weather)


@feature("chat")
def chat():
    same(chat_model.chat(hello).message.content, GREETING)


@feature("stream")
def stream():
    same("".join(part.delta or "" for part in chat_model.stream_chat(hello)), GREETING)


@feature("tools")
def tools():
    answer = chat_model.chat_with_tools([tool], user_msg="Hello")
    same(chat_model.get_tool_calls_from_response(answer)[0].tool_kwargs, {"city": "Paris"})


@feature("tools in a stream")
def tools_in_a_stream():
    *_, last = chat_model.stream_chat_with_tools([tool], user_msg="Hello")
    same(chat_model.get_tool_calls_from_response(last)[0].tool_kwargs, {"city": "Paris"})


@feature("typed answers")
def typed():
    same(chat_model.as_structured_llm(Weather).chat(hello).raw, Weather(city="Paris", degrees=7))


@feature("embeddings")
def embeddings():
    same(embedder.get_text_embedding("four"), [4, 1, 2])


@feature("errors")
def errors():
    nobody = OpenAILike(model="nobody", api_base=f"{URL}/stream/v1", api_key=KEY, is_chat_model=True, max_retries=0)
    raised(openai.NotFoundError, lambda: nobody.chat(hello))


run()
