// Three companies that make a copy of this repository their own: what each answers to `npm run init`.
const shared = ['--account', '123456789012', '--repository', 'https://git.acme.example/llm']

export const companies: Record<string, string[]> = {
  'one-region': [
    ...shared,
    ...['--cluster', 'live', '--environment', 'prod', '--region', 'eu-central-1', '--domain', 'llm.acme.example'],
    ...['--issuer', 'https://acme.eu.auth0.com/', '--tenant', 'support'],
    ...['--model', 'tiny-stories', '--model', 'gpt2', '--model', 'qwen3-8b'],
  ],
  'four-clusters': [
    ...shared,
    ...['--cluster', 'us-test', '--environment', 'dev', '--region', 'us-west-2'],
    ...['--cluster', 'us-live', '--environment', 'prod', '--region', 'us-west-2'],
    ...['--cluster', 'eu-test', '--environment', 'dev', '--region', 'eu-west-1'],
    ...['--cluster', 'eu-live', '--environment', 'prod', '--region', 'eu-west-1'],
    ...['--domain', 'ai.corp.example', '--issuer', 'https://corp.okta.com/oauth2/default'],
  ],
  'without-gpus': [
    ...shared,
    ...['--cluster', 'lab', '--environment', 'dev', '--region', 'ca-central-1', '--domain', 'lab.school.example'],
    ...['--issuer', 'https://login.school.example/realms/lab', '--kind', 'keycloak', '--tenant', 'research'],
    ...['--model', 'tiny-stories', '--model', 'bge-small-en', '--model', 'smollm2-135m-instruct'],
  ],
}
