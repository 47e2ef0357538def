"""LangChain for Python in the table of clients."""

import openai
from features import GREETING, KEY, URL, feature, raised, run, same
from langchain_anthropic import ChatAnthropic
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel, SecretStr

# The client:
chat_model = ChatOpenAI(model="writer", base_url=f"{URL}/stream/v1", api_key=SecretStr(KEY))
embedder = OpenAIEmbeddings(
    model="embedder", base_url=f"{URL}/stream/v1", api_key=SecretStr(KEY), check_embedding_ctx_length=False
)
claude = ChatAnthropic(model_name="writer", base_url=f"{URL}/stream", api_key=SecretStr(KEY))


class Weather(BaseModel):
    """Weather of a city."""

    city: str
    degrees: int


@tool
def weather(city: str) -> str:
    """Weather of a city."""
    return city


@feature("chat")
def chat():
    same(chat_model.invoke("Hello").text, GREETING)


@feature("stream")
def stream():
    same("".join(chunk.text for chunk in chat_model.stream("Hello")), GREETING)


@feature("tools")
def tools():
    same(chat_model.bind_tools([weather]).invoke("Hello").tool_calls[0]["args"], {"city": "Paris"})


@feature("tools in a stream")
def tools_in_a_stream():
    whole = None
    for chunk in chat_model.bind_tools([weather]).stream("Hello"):
        whole = chunk if whole is None else whole + chunk
    same(whole.tool_calls[0]["args"], {"city": "Paris"})


@feature("typed answers")
def typed():
    same(chat_model.with_structured_output(Weather).invoke("Hello"), Weather(city="Paris", degrees=7))


@feature("responses", write="`ChatOpenAI(…, use_responses_api=True)`")
def responses():
    model = ChatOpenAI(
        model="writer", base_url=f"{URL}/stream/v1", api_key=SecretStr(KEY), use_responses_api=True
    )
    same(model.invoke("Hello").text, GREETING)
    same("".join(chunk.text for chunk in model.stream("Hello")), GREETING)


@feature("messages")
def messages():
    same(claude.invoke("Hello").text, GREETING)
    same("".join(chunk.text for chunk in claude.stream("Hello")), GREETING)
    same(claude.bind_tools([weather]).invoke("Hello").tool_calls[0]["args"], {"city": "Paris"})


@feature("embeddings", write="`check_embedding_ctx_length=False`; else it sends numbers of the tokens of OpenAI’s models")
def embeddings():
    same(embedder.embed_documents(["four"]), [[4, 1, 2]])


@feature("errors")
def errors():
    nobody = ChatOpenAI(model="nobody", base_url=f"{URL}/stream/v1", api_key=SecretStr(KEY))
    raised(openai.NotFoundError, lambda: nobody.invoke("Hello"))


run()
