"""anthropic-python in the table of clients."""

import anthropic
from features import GREETING, HELLO, KEY, URL, feature, raised, run, same

# The client:
client = anthropic.Anthropic(base_url=f"{URL}/stream", api_key=KEY)

schema = {"type": "object", "properties": {"city": {"type": "string"}}}
asked = {"model": "writer", "max_tokens": 99, "messages": HELLO}
with_tool = {**asked, "tools": [{"name": "weather", "input_schema": schema}]}


@feature("messages")
def messages():
    same(client.messages.create(**asked).content[0].text, GREETING)


@feature("stream")
def stream():
    with client.messages.stream(**asked) as events:
        same("".join(events.text_stream), GREETING)
        same(events.get_final_message().usage.output_tokens, 3)


@feature("tools")
def tools():
    called = client.messages.create(**with_tool).content[0]
    same((called.name, called.input), ("weather", {"city": "Paris"}))


@feature("tools in a stream")
def tools_in_a_stream():
    with client.messages.stream(**with_tool) as events:
        for _ in events:
            pass
        same(events.get_final_message().content[0].input, {"city": "Paris"})


@feature("token count")
def token_count():
    same(client.messages.count_tokens(model="writer", messages=HELLO).input_tokens, 7)


@feature("errors")
def errors():
    error = raised(anthropic.NotFoundError, lambda: client.messages.create(**{**asked, "model": "nobody"}))
    same(error.status_code, 404)


run()
