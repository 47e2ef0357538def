// Three companies that make a copy of this repository their own: what each answers to `npm run init`, and what it writes afterwards.
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

const subnets = (ids: string, ...cidrs: string[]) =>
  cidrs.map((cidr, index) => ({ id: `subnet-${ids}${String(index).padStart(16, '0')}`, cidr }))

/** Sections of a cluster file for which `init` has no question: what a company has already. */
export const brought: Record<string, Record<string, Record<string, object>>> = {
  'one-region': {
    live: {
      network: {
        zoneIds: ['euc1-az1', 'euc1-az2', 'euc1-az3'],
        existing: {
          vpcId: 'vpc-0123456789abcdef0',
          cidr: '10.0.0.0/16',
          subnets: {
            private: subnets('a', '10.0.0.0/20', '10.0.16.0/20', '10.0.32.0/20'),
            loadBalancer: subnets('b', '10.0.64.0/24', '10.0.80.0/24', '10.0.96.0/24'),
            controlPlane: subnets('c', '10.0.128.0/28', '10.0.144.0/28', '10.0.160.0/28'),
          },
        },
      },
      edge: { kind: 'none', clientCidrs: ['10.0.0.0/16', '10.100.0.0/14'] },
    },
  },
}
