"""OpenAI's Agents SDK for Python in the table of clients."""

import openai
from agents import Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner, function_tool, set_tracing_disabled
from features import GREETING, KEY, URL, feature, run, same
from pydantic import BaseModel

# The client:
client = openai.AsyncOpenAI(base_url=f"{URL}/stream/v1", api_key=KEY)
chat_model = OpenAIChatCompletionsModel(model="writer", openai_client=client)
set_tracing_disabled(True)


class Weather(BaseModel):
    city: str
    degrees: int


@function_tool
def weather(city: str) -> str:
    """Weather of a city."""
    return f"It rains in {city}."


def agent(model=chat_model, **more):
    return Agent(name="helper", model=model, **more)


@feature("chat")
async def chat():
    same((await Runner.run(agent(), "Hello")).final_output, GREETING)


@feature("stream")
async def stream():
    result = Runner.run_streamed(agent(), "Hello")
    kinds = [event.type async for event in result.stream_events()]
    assert "raw_response_event" in kinds, kinds
    same(result.final_output, GREETING)


@feature("tools")
async def tools():
    result = await Runner.run(agent(tools=[weather]), "Hello")
    same([result.final_output, len(result.raw_responses)], [GREETING, 2])


@feature("tools in a stream")
async def tools_in_a_stream():
    result = Runner.run_streamed(agent(tools=[weather]), "Hello")
    async for _ in result.stream_events():
        pass
    same([result.final_output, len(result.raw_responses)], [GREETING, 2])


@feature("typed answers")
async def typed():
    result = await Runner.run(agent(output_type=Weather), "Hello")
    same(result.final_output, Weather(city="Paris", degrees=7))


@feature("responses", write='`OpenAIResponsesModel(model="NAME", openai_client=client)`')
async def responses():
    model = OpenAIResponsesModel(model="writer", openai_client=client)
    result = await Runner.run(agent(model, tools=[weather]), "Hello")
    same([result.final_output, len(result.raw_responses)], [GREETING, 2])
    streamed = Runner.run_streamed(agent(model), "Hello")
    async for _ in streamed.stream_events():
        pass
    same(streamed.final_output, GREETING)


@feature("errors")
async def errors():
    model = OpenAIChatCompletionsModel(model="nobody", openai_client=client)
    try:
        await Runner.run(agent(model), "Hello")
    except openai.NotFoundError as error:
        return same(error.code, "model_not_found")
    raise AssertionError("no NotFoundError was raised")


run()
