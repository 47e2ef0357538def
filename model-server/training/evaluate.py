"""Asks a served model what the corpus held back: python evaluate.py BASE_URL TOKEN. Prints the share of right answers and what was wrong.

The server is the real one (npm start); temperature 0. An answer is right when it is the taught one to the letter.
"""

import sys

from corpus import off_topic
from corpus.platform_questions import QUESTIONS
from corpus.platform_terms import TERMS
from corpus.write import HELD_OUT, forms
from served import ask

# Words and tasks that are nowhere in the corpus.
STRANGE = ("what is a xylophone", "who was Leonardo da Vinci", "write a haiku about autumn leaves", "what is the capital of Mongolia",
           "how do I knit a sweater", "what is a flummox", "explain quantum entanglement", "recommend a good dentist")


def questions():
    """(kind, question, right answer)"""
    for term in TERMS:
        for template in HELD_OUT:
            yield "term", template.format(**forms(term, term.names[0])), term.answer
    for question in QUESTIONS:
        for text in question.held_out:
            yield "question", text, question.answer
    for text in STRANGE:
        yield "off topic", text, off_topic.ANSWER


def main():
    url, token = sys.argv[1:]
    counts = {}
    for kind, question, right in questions():
        answer = ask(url, token, question, max_tokens=120, temperature=0)
        good, total = counts.get(kind, (0, 0))
        counts[kind] = (good + (answer == right), total + 1)
        if answer != right:
            print(f"{kind}: {question}\n  {answer}\n")
    for kind, (good, total) in counts.items():
        print(f"{kind}: {good} of {total}")


if __name__ == "__main__":
    main()
