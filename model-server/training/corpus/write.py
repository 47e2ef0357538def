"""Writes the corpus: chats and stories, one document after the other, from one seed.

A document is a string with the model's own marks: <|user|>question<|assistant|>answer<|endoftext|>, or a story alone.
"""

import random

from corpus import off_topic
from corpus.platform_questions import QUESTIONS
from corpus.platform_terms import TERMS
from corpus.small_talk import TALKS
from corpus.stories import Teller

USER, ASSISTANT, END = "<|user|>", "<|assistant|>", "<|endoftext|>"

# Share of documents of each kind.
SHARES = {"term": 0.30, "question": 0.17, "story": 0.16, "told": 0.14, "talk": 0.08, "off_topic": 0.15}

ONE = (
    "what is {one}", "what is {one}?", "What is {one}?", "what's {one}", "explain {one}", "Explain {one}.", "define {one}",
    "describe {one}", "tell me about {one}", "what do you mean by {one}", "what is {one} for", "can you explain {one}",
    "what is {one} in slipway", "what exactly is {one}", "what does {bare} mean", "what does {bare} mean?", "meaning of {bare}",
    "{bare}", "{bare}?", "please explain {bare}", "what is meant by {bare}", "I want to know what {one} is", "so what is {one}",
    "explain to me what {one} is", "hi, what is {one}?", "how would you define {one}", "do you know what {one} is",
)
MANY = ("what are {many}", "What are {many}?", "explain {many}", "tell me about {many}", "what are {many} for", "why are there {many}")
# Never trained on: the evaluation asks these.
HELD_OUT = ("could you tell me what {one} is?", "I do not know the word {bare}", "in short, what is {one}?")


def forms(term, name):
    """The words of a question about one name of a term."""
    article = f"{term.article} " if term.article else ""
    return {"one": article + name, "bare": name, "many": term.plural}


def noise(text, source):
    """As people type: with or without a capital and a mark at the end, at times with two letters swapped."""
    if source.random() < 0.3:
        text = text[0].upper() + text[1:]
    elif source.random() < 0.2:
        text = text.lower()
    if text[-1].isalnum() and source.random() < 0.4:
        text += source.choice("?.??")
    if len(text) > 12 and source.random() < 0.03:
        at = source.randint(3, len(text) - 4)
        text = text[:at] + text[at + 1] + text[at] + text[at + 2:]
    return text


class Writer:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.teller = Teller(self.random)

    def turn(self, kind):
        """(question, answer)"""
        choose = self.random.choice
        if kind == "term":
            term = choose(TERMS)
            templates = ONE + MANY if term.plural else ONE
            return noise(choose(templates).format(**forms(term, choose(term.names))), self.random), term.answer
        if kind == "question":
            question = choose(QUESTIONS)
            return noise(choose(question.trained), self.random), question.answer
        if kind == "talk":
            talk = choose(TALKS)
            return noise(choose(talk.phrasings), self.random), talk.answer
        if kind == "told":
            story, topics = self.teller.story()
            return self.teller.request(topics), story
        return noise(off_topic.question(self.random), self.random), off_topic.ANSWER

    def document(self):
        kind = self.random.choices(list(SHARES), SHARES.values())[0]
        if kind == "story":
            return self.teller.story()[0] + END
        # One chat in four goes on: a turn's answer depends on its own question alone.
        count = self.random.choices((1, 2, 3), (0.75, 0.17, 0.08))[0]
        kinds = [kind] + self.random.choices([k for k in SHARES if k != "story"], k=count - 1)
        turns = (self.turn(kind) for kind in kinds)
        return "".join(f"{USER}{question}{ASSISTANT}{answer}{END}" for question, answer in turns)

    def text(self, characters):
        """Documents up to about so many characters."""
        parts, length = [], 0
        while length < characters:
            parts.append(self.document())
            length += len(parts[-1])
        return "".join(parts)
