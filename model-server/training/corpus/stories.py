"""Tells stories: fills the plots of story_families.py with names, animals, things and places."""

import re

from corpus.story_families import FAMILIES

BOYS = "Tom Ben Sam Max Jack Leo Tim Noah".split()
GIRLS = "Lily Mia Anna Lucy Emma Zoe Sara Ella".split()
WORDS = {
    "animal": "dog cat rabbit bird duck frog mouse pony fox hedgehog kitten puppy owl lamb".split(),
    "thing": "ball kite book hat boat drum key lamp apple shell bell scarf bear".split(),
    "colour": "red blue green yellow small big shiny old new soft".split(),
    "place": ["the park", "the garden", "the forest", "the river", "the meadow", "the school yard", "the old barn", "the village"],
    "place2": ["the beach", "the farm", "the hill", "the market", "the library", "the harbour", "the mill"],
    "food": ["soup", "bread", "cake", "honey bread", "apple pie", "pancakes", "cookies"],
    "weather": "sunny windy rainy cold warm bright quiet".split(),
    "helper": ["a kind man", "a kind woman", "an old farmer", "the teacher", "a little girl", "the baker", "his neighbour"],
    "feeling": "happy curious brave cheerful".split(),
    "kind": "king queen wizard giant".split(),
}
OPENINGS = (
    "Once upon a time there was a little {who} named {n}.",
    "One {weather} day {n} went to {place}.",
    "{n} was a {feeling} little {who} who lived near {place2}.",
    "There was a little {who} called {n} who loved to play.",
)
REQUESTS = (
    "Tell me a story.", "tell me a story", "Tell me a short story", "Can you tell me a story?", "I want to hear a story",
    "A story, please", "please tell a story", "Write a short story", "story please", "Do you know a story?",
    "Tell me another story", "one more story", "write me a story", "Tell me a bedtime story", "Could you tell me a story?",
)
TOPIC_REQUESTS = (
    "Tell me a story about {topic}", "tell me a story about {topic}.", "A story about {topic}, please",
    "Write a story about {topic}", "Do you know a story about {topic}?", "I want a story about {topic}",
    "can you tell me a story about {topic}?", "a short story about {topic}",
)
CHOICE = re.compile(r"\[([^\]]+)\]")
SLOT = re.compile(r"\{(\w+)\}")


def with_article(word):
    return ("an " if word[0] in "aeiou" else "a ") + word


class Teller:
    """Tells one story after the other from one random source."""

    def __init__(self, random):
        self.random = random

    def story(self):
        """(text, topics that a request may name)"""
        family = self.random.choice(FAMILIES)
        slots = self.slots()
        lines = [line for line in family.lines if not line.startswith("?") or self.random.random() < 0.5]
        opening = self.random.choice(OPENINGS)
        text = " ".join([opening] + [line.lstrip("?") for line in lines])
        topics = [slots.get(word) and with_article(slots[word]) if word in ("animal", "thing") else word
                  for word in family.topics if " " not in word or word.split()[0] not in WORDS]
        return self.fill(text, slots), [topic for topic in topics if topic and topic not in WORDS]

    def slots(self):
        """Words of one story; the hero and the friend have different names."""
        choose = self.random.choice
        is_boy = self.random.random() < 0.5
        n, f = choose(BOYS if is_boy else GIRLS), choose(BOYS + GIRLS)
        while f == n:
            f = choose(BOYS + GIRLS)
        slots = {name: choose(words) for name, words in WORDS.items()}
        slots.update(n=n, f=f, who="boy" if is_boy else "girl")
        slots.update(zip(("he", "him", "his"), ("he", "him", "his") if is_boy else ("she", "her", "her")))
        slots.update(He=slots["he"].capitalize(), His=slots["his"].capitalize())
        if slots["helper"] == "his neighbour":
            slots["helper"] = slots["his"] + " neighbour"
        for name in ("animal", "thing", "colour", "kind"):
            slots["a_" + name] = with_article(slots[name])
        return slots

    def fill(self, text, slots):
        chosen = CHOICE.sub(lambda match: self.random.choice(match[1].split("|")), text)
        filled = SLOT.sub(lambda match: slots[match[1]], chosen)
        # A sentence may begin with a slot that is written small.
        return re.sub(r'(^|[.!?]"? )([a-z])', lambda match: match[1] + match[2].upper(), filled)

    def request(self, topics):
        if topics and self.random.random() < 0.5:
            return self.random.choice(TOPIC_REQUESTS).format(topic=self.random.choice(topics))
        return self.random.choice(REQUESTS)
