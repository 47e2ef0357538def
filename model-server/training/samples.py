"""Prints the samples of the model card as Markdown, as a served model gives them: python samples.py BASE_URL TOKEN."""

import sys

from served import ask

# Every second one is no text of the corpus.
PROMPTS = (
    "what is a lock", "could you tell me what a canary is?", "which lane should I use", "in short, what is the gateway?",
    "how do I add a model", "my pod keeps restarting, what now", "how do I scale to zero", "what does synth do?",
    "Tell me a story.", "Tell me a story about a fox", "Tell me a story about the sea", "Once there was a dragon, tell me more",
    "Hello", "who are you?", "tell me a joke", "are you as clever as a large model?",
    "what is the capital of Mongolia", "write a poem about winter", "what is 17 plus 25?", "was ist ein Schloss",
)
SEED = 7


def main():
    url, token = sys.argv[1:]
    for number, prompt in enumerate(PROMPTS, 1):
        answer = ask(url, token, prompt, max_tokens=200, temperature=0.7, seed=SEED)
        print(f"{number}. **{prompt}**\n   {answer}")


if __name__ == "__main__":
    main()
