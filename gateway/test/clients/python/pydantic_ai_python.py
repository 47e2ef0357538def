"""Pydantic AI in the table of clients."""

from features import GREETING, KEY, URL, feature, run, same
from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider


# The client:
def provider():
    return OpenAIProvider(base_url=f"{URL}/stream/v1", api_key=KEY)


def chat_agent(name="writer", **more):
    return Agent(OpenAIChatModel(name, provider=provider()), **more)


class Weather(BaseModel):
    city: str
    degrees: int


def weather(city: str) -> str:
    """Weather of a city."""
    return f"It rains in {city}."


@feature("chat")
async def chat():
    same((await chat_agent().run("Hello")).output, GREETING)


@feature("stream")
async def stream():
    async with chat_agent().run_stream("Hello") as result:
        same("".join([part async for part in result.stream_text(delta=True)]), GREETING)


@feature("tools")
async def tools():
    same((await chat_agent(tools=[weather]).run("Hello")).output, GREETING)


@feature("tools in a stream")
async def tools_in_a_stream():
    async with chat_agent(tools=[weather]).run_stream("Hello") as result:
        same(await result.get_output(), GREETING)


@feature("typed answers")
async def typed():
    same((await chat_agent(output_type=Weather).run("Hello")).output, Weather(city="Paris", degrees=7))


@feature("responses", write="`OpenAIResponsesModel` in place of `OpenAIChatModel`")
async def responses():
    agent = Agent(OpenAIResponsesModel("writer", provider=provider()), tools=[weather])
    same((await agent.run("Hello")).output, GREETING)


@feature("messages", write="`AnthropicModel(NAME, provider=AnthropicProvider(base_url=f\"{URL}/stream\", api_key=KEY))`")
async def messages():
    model = AnthropicModel("writer", provider=AnthropicProvider(base_url=f"{URL}/stream", api_key=KEY))
    same((await Agent(model, tools=[weather]).run("Hello")).output, GREETING)


@feature("errors")
async def errors():
    try:
        await chat_agent("nobody").run("Hello")
    except ModelHTTPError as error:
        return same(error.status_code, 404)
    raise AssertionError("no ModelHTTPError was raised")


run()
