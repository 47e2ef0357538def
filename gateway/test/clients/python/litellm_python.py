"""LiteLLM in the table of clients."""

import litellm
from features import GREETING, HELLO, KEY, URL, feature, raised, run, same
from pydantic import BaseModel

# The client:
openai = {"model": "openai/writer", "api_base": f"{URL}/stream/v1", "api_key": KEY}
claude = {"model": "anthropic/writer", "api_base": f"{URL}/stream", "api_key": KEY}

schema = {"type": "object", "properties": {"city": {"type": "string"}}}
tools = [{"type": "function", "function": {"name": "weather", "parameters": schema}}]


class Weather(BaseModel):
    city: str
    degrees: int


@feature("chat")
def chat():
    same(litellm.completion(messages=HELLO, **openai).choices[0].message.content, GREETING)


@feature("stream")
def stream():
    chunks = litellm.completion(messages=HELLO, stream=True, **openai)
    same("".join(chunk.choices[0].delta.content or "" for chunk in chunks), GREETING)


@feature("tools")
def with_tools():
    answer = litellm.completion(messages=HELLO, tools=tools, **openai)
    same(answer.choices[0].message.tool_calls[0].function.name, "weather")


@feature("tools in a stream")
def tools_in_a_stream():
    chunks = list(litellm.completion(messages=HELLO, tools=tools, stream=True, **openai))
    whole = litellm.stream_chunk_builder(chunks).choices[0].message
    same(whole.tool_calls[0].function.arguments, '{"city":"Paris"}')


@feature("typed answers")
def typed():
    answer = litellm.completion(messages=HELLO, response_format=Weather, **openai)
    same(Weather.model_validate_json(answer.choices[0].message.content).degrees, 7)


@feature("responses")
def responses():
    same(litellm.responses(input="Hello", **openai).output[0].content[0].text, GREETING)


@feature("messages")
def messages():
    same(litellm.completion(messages=HELLO, **claude).choices[0].message.content, GREETING)
    chunks = litellm.completion(messages=HELLO, stream=True, **claude)
    same("".join(chunk.choices[0].delta.content or "" for chunk in chunks), GREETING)


@feature("embeddings")
def embeddings():
    answer = litellm.embedding(input=["four"], **{**openai, "model": "openai/embedder"}, encoding_format="float")
    same(answer.data[0]["embedding"], [4, 1, 2])


@feature("rerank")
def rerank():
    answer = litellm.rerank(
        model="cohere/ranker", query="q", documents=["aa", "bbbb"], api_base=f"{URL}/stream/v2/rerank", api_key=KEY
    )
    same(answer.results[0]["index"], 1)


@feature("errors")
def errors():
    nobody = {**openai, "model": "openai/nobody"}
    raised(litellm.NotFoundError, lambda: litellm.completion(messages=HELLO, num_retries=0, **nobody))


run()
