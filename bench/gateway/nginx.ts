// nginx twice: as the yardstick, a reverse proxy with one worker, and as the engine behind every proxy, which answers at
// once and so is never the slowest part.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listening, loadCore, type Pinned, proxyCore, startPinned } from './pinned.ts'

/** As vLLM answers a short chat request. */
const answer = JSON.stringify({
  id: 'chatcmpl-8f3c1d2e4b5a69788f3c1d2e4b5a6978',
  object: 'chat.completion',
  created: 1_764_000_000,
  model: 'bench',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'The capital of Japan is Tokyo.', refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 30, total_tokens: 38, completion_tokens: 8, prompt_tokens_details: null },
})

const settings = (folder: string, http: string): string => `
worker_processes 1;
daemon off;
pid ${folder}/nginx.pid;
error_log stderr crit;
events { worker_connections 16384; }
http {
  access_log off;
  keepalive_requests 100000000;
  client_max_body_size 16m;
  client_body_buffer_size 256k;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
${http}
}
`

function start(core: number, folder: string, http: string): Pinned {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, settings(folder, http))
  return startPinned(core, ['nginx', '-p', folder, '-c', file])
}

/** The engine: the same small answer to every request. */
export async function startEngine(folder: string, port: number): Promise<Pinned> {
  const nginx = start(
    loadCore,
    join(folder, 'engine'),
    `  server { listen 127.0.0.1:${port}; default_type application/json; location / { return 200 '${answer}'; } }`,
  )
  await listening(port)
  return nginx
}

/** The yardstick: passes everything to `upstream`, streams without buffering, connections kept. */
export async function startYardstick(folder: string, port: number, upstream: number): Promise<Pinned> {
  const nginx = start(
    proxyCore,
    join(folder, 'yardstick'),
    `  upstream engine { server 127.0.0.1:${upstream}; keepalive 2048; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://engine;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_read_timeout 300s;
    }
  }`,
  )
  await listening(port)
  return nginx
}
