"""Instructor in the table of clients."""

import instructor
import openai
from features import HELLO, KEY, URL, feature, raised, run, same
from instructor.core.exceptions import InstructorRetryException
from pydantic import BaseModel

# The client:
client = instructor.from_openai(openai.OpenAI(base_url=f"{URL}/stream/v1", api_key=KEY))


class Weather(BaseModel):
    """Weather of a city."""

    city: str
    degrees: int


def is_paris(weather):
    # Its own class is derived from ours.
    same(weather.model_dump(), {"city": "Paris", "degrees": 7})


@feature("typed answers")
def typed():
    is_paris(client.chat.completions.create(model="writer", messages=HELLO, response_model=Weather))
    by_schema = instructor.from_openai(
        openai.OpenAI(base_url=f"{URL}/stream/v1", api_key=KEY), mode=instructor.Mode.JSON_SCHEMA
    )
    is_paris(by_schema.chat.completions.create(model="writer", messages=HELLO, response_model=Weather))


@feature("tools in a stream")
def stream():
    *_, last = client.chat.completions.create_partial(model="writer", messages=HELLO, response_model=Weather)
    is_paris(last)


@feature("errors")
def errors():
    raised(
        InstructorRetryException,
        lambda: client.chat.completions.create(model="nobody", messages=HELLO, response_model=Weather, max_retries=0),
    )


run()
