"""openai-python in the table of clients."""

import json

import openai
from features import GREETING, HELLO, KEY, URL, feature, raised, run, same
from pydantic import BaseModel

# The client:
client = openai.OpenAI(base_url=f"{URL}/stream/v1", api_key=KEY)


class Weather(BaseModel):
    city: str
    degrees: int


tool = openai.pydantic_function_tool(Weather, name="weather")


@feature("chat")
def chat():
    answer = client.chat.completions.create(model="writer", messages=HELLO)
    same(answer.choices[0].message.content, GREETING)


@feature("stream")
def stream():
    chunks = client.chat.completions.create(
        model="writer", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    texts, usage = [], None
    for chunk in chunks:
        texts += [choice.delta.content or "" for choice in chunk.choices]
        usage = chunk.usage or usage
    same("".join(texts), GREETING)
    same(usage.completion_tokens, 3)


@feature("tools")
def tools():
    answer = client.chat.completions.create(model="writer", messages=HELLO, tools=[tool])
    called = answer.choices[0].message.tool_calls[0].function
    same((called.name, json.loads(called.arguments)["city"]), ("weather", "Paris"))


@feature("tools in a stream")
def tools_in_a_stream():
    with client.chat.completions.stream(model="writer", messages=HELLO, tools=[tool]) as events:
        names = {event.type for event in events}
        message = events.get_final_completion().choices[0].message
    assert "tool_calls.function.arguments.done" in names, names
    same(message.tool_calls[0].function.parsed_arguments, Weather(city="Paris", degrees=7))


@feature("typed answers")
def typed():
    answer = client.chat.completions.parse(model="writer", messages=HELLO, response_format=Weather)
    same(answer.choices[0].message.parsed, Weather(city="Paris", degrees=7))


@feature("responses")
def responses():
    same(client.responses.create(model="writer", input="Hello").output_text, GREETING)
    parsed = client.responses.parse(model="writer", input="Hello", text_format=Weather)
    same(parsed.output_parsed.city, "Paris")
    with client.responses.stream(model="writer", input="Hello") as events:
        for _ in events:
            pass
        same(events.get_final_response().output_text, GREETING)


@feature("embeddings")
def embeddings():
    same(client.embeddings.create(model="embedder", input=["four"]).data[0].embedding, [4, 1, 2])


@feature("errors")
def errors():
    error = raised(openai.NotFoundError, lambda: client.chat.completions.create(model="nobody", messages=HELLO))
    same(error.code, "model_not_found")


run()
