"""The program and library `llm` in the table of clients: models of extra-openai-models.yaml in its folder."""

import json
import os
import pathlib
import tempfile

folder = pathlib.Path(tempfile.mkdtemp())
os.environ["LLM_USER_PATH"] = str(folder)

from features import GREETING, KEY, URL, feature, raised, run, same

# The client:
(folder / "extra-openai-models.yaml").write_text(f"""
- model_id: slipway
  model_name: writer
  api_base: {URL}/stream/v1
  api_key_name: slipway
  supports_tools: true
  supports_schema: true
- model_id: nobody
  model_name: nobody
  api_base: {URL}/stream/v1
  api_key_name: slipway
""")

(folder / "keys.json").write_text(json.dumps({"slipway": KEY}))

import llm

model = llm.get_model("slipway")


def weather(city: str) -> str:
    """Weather of a city."""
    return f"It rains in {city}."


@feature("chat")
def chat():
    same(model.prompt("Hello", stream=False).text(), GREETING)


@feature("stream")
def stream():
    same("".join(model.prompt("Hello")), GREETING)


@feature("tools")
def tools():
    same(model.chain("Hello", tools=[weather], stream=False).text(), GREETING)


@feature("tools in a stream")
def tools_in_a_stream():
    same("".join(model.chain("Hello", tools=[weather])).endswith(GREETING), True)


@feature("typed answers")
def typed():
    same(model.prompt("Hello", schema=llm.schema_dsl("city"), stream=False).text(), '{"city":"Paris"}')


@feature("errors")
def errors():
    nobody = llm.get_model("nobody")
    raised(Exception, lambda: nobody.prompt("Hello", stream=False).text())


run()
