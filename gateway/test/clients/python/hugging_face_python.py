"""huggingface_hub's InferenceClient in the table of clients."""

import huggingface_hub
from features import GREETING, HELLO, KEY, URL, feature, raised, run, same
from huggingface_hub.errors import HfHubHTTPError

# The client:
client = huggingface_hub.InferenceClient(base_url=f"{URL}/stream/v1", api_key=KEY)

schema = {"type": "object", "properties": {"city": {"type": "string"}}}
tools = [{"type": "function", "function": {"name": "weather", "parameters": schema}}]


@feature("chat")
def chat():
    same(client.chat_completion(HELLO, model="writer").choices[0].message.content, GREETING)


@feature("stream")
def stream():
    chunks = client.chat_completion(HELLO, model="writer", stream=True)
    same("".join(chunk.choices[0].delta.content or "" for chunk in chunks), GREETING)


@feature("tools")
def with_tools():
    called = client.chat_completion(HELLO, model="writer", tools=tools).choices[0].message.tool_calls[0]
    same(called.function.name, "weather")


@feature("tools in a stream")
def tools_in_a_stream():
    chunks = client.chat_completion(HELLO, model="writer", tools=tools, stream=True)
    deltas = [one for chunk in chunks for one in chunk.choices[0].delta.tool_calls or []]
    same("".join(one.function.arguments for one in deltas), '{"city":"Paris"}')


@feature(
    "typed answers",
    write="`extra_body={'structured_outputs': {'json': SCHEMA}}`; of response_format it sends a form that vLLM ignores",
)
def typed():
    answer = client.chat_completion(HELLO, model="writer", extra_body={"structured_outputs": {"json": schema}})
    same(answer.choices[0].message.content, '{"city":"Paris"}')


def of_model(name):
    return huggingface_hub.InferenceClient(base_url=f"{URL}/stream/models/{name}", api_key=KEY)


@feature("embeddings", write='`base_url=f"{URL}/stream/models/NAME"`')
def embeddings():
    same(of_model("embedder").feature_extraction("four").tolist(), [[4, 1, 2]])


@feature("errors")
def errors():
    error = raised(HfHubHTTPError, lambda: client.chat_completion(HELLO, model="nobody"))
    assert "does not exist" in str(error), error


run()
