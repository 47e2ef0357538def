"""The tokenizer: byte-level BPE as GPT-2 has it, learned from the corpus, with the marks of the chat as single tokens."""

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from corpus.write import ASSISTANT, END, USER

MARKS = (END, USER, ASSISTANT)


def learn_tokenizer(text, size):
    """text: a corpus; size: entries of the vocabulary, marks and 256 bytes included."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[AddedToken(mark, special=True, normalized=False) for mark in MARKS],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    plain = text
    for mark in MARKS:
        plain = plain.replace(mark, "\n")
    tokenizer.train_from_iterator(plain.split("\n"), trainer)
    return tokenizer
