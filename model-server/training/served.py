"""One question to a server of the model, over the OpenAI API."""

import json
import urllib.request


def ask(url, token, question, **parameters):
    body = {"model": "tiny-stories", "messages": [{"role": "user", "content": question}], **parameters}
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"{url}/chat/completions", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as response:
        return json.load(response)["choices"][0]["message"]["content"].strip()
