"""Cohere's client for Python in the table of clients: its first and its second API."""

import cohere
from features import KEY, URL, feature, raised, run, same

# The client:
first = cohere.Client(base_url=f"{URL}/stream", api_key=KEY)
second = cohere.ClientV2(base_url=f"{URL}/stream", api_key=KEY)

asked = {"model": "ranker", "query": "q", "documents": ["aa", "bbbb"]}


@feature("rerank")
def rerank():
    for client in (first, second):
        same([one.index for one in client.rerank(**asked).results], [1, 0])
    same(first.rerank(**asked, return_documents=True).results[0].document.text, "bbbb")


@feature("errors")
def errors():
    for client in (first, second):
        same(raised(cohere.NotFoundError, lambda one=client: one.rerank(**{**asked, "model": "nobody"})).status_code, 404)


run()
