// Rules about how resources hang together: parents, names, providers, tags, references.
import { type Graph, isReal, type Resource } from '../../graph/graph.ts'
import { defaultTags } from '../../tags.ts'
import { clusterOf } from '../graphs.ts'
import { added, first, type Rule, strings } from './rule.ts'

const anyCluster = clusterOf('dev')
const tagKeys = Object.keys(defaultTags(anyCluster))

const component = (graph: Graph, name: string | undefined): Resource | undefined =>
  graph.resources.find((resource) => !resource.custom && resource.name === name)

export const hasParent: Rule = {
  sentence: 'every resource belongs to a component of ours',
  check: (graph) =>
    graph.resources
      .filter((resource) => isReal(resource) && component(graph, resource.parent) === undefined)
      .map(({ name, parent }) => `${name}: parent is ${parent}`),
  breaks: {
    'a resource without parent': (graph) => {
      first(graph, 'aws:ec2/vpc:Vpc').parent = undefined
    },
  },
}

export const tokens: Rule = {
  sentence: 'every component has a token slipway:platform:Thing',
  check: (graph) =>
    graph.resources
      .filter(({ custom, type }) => !custom && !/^slipway:platform:[A-Z][A-Za-z]+$/.test(type))
      .map(({ name, type }) => `${name}: ${type}`),
  breaks: {
    'another token': (graph) => {
      first(graph, 'slipway:platform:Network').type = 'awsx:ec2:Vpc'
    },
  },
}

export const derivedNames: Rule = {
  sentence: 'every name begins with the name of its parent, and is used once',
  check: (graph) => {
    const wrong = graph.resources
      .filter(({ name, parent }) => !name.startsWith(`${parent ?? graph.cluster}-`))
      .map(({ name, parent }) => `${name}: parent is ${parent}`)
    const urns = graph.resources.map(({ urn }) => urn)
    const twice = urns.filter((urn, index) => urns.indexOf(urn) !== index)
    return [...wrong, ...twice.map((urn) => `${urn}: used twice`)]
  },
  breaks: {
    'a name of its own': (graph) => {
      first(graph, 'aws:ec2/vpc:Vpc').name = 'vpc'
    },
    'the same name again': (graph) => graph.resources.push({ ...first(graph, 'aws:ec2/vpc:Vpc') }),
  },
}

export const explicitProviders: Rule = {
  sentence: 'every AWS resource is made by a provider of ours, which puts the tags on it and takes one account only',
  check: (graph) => [
    ...graph.resources
      .filter((resource) => isReal(resource) && resource.type.startsWith('aws:') && resource.region === undefined)
      .map(({ name }) => `${name}: made by the default provider`),
    ...graph.resources
      .filter(({ type }) => type === 'pulumi:providers:aws')
      .flatMap(({ name, inputs }) => {
        const tags = Object.keys((JSON.parse(String(inputs.defaultTags ?? '{}')) as { tags?: object }).tags ?? {})
        const accounts = JSON.parse(String(inputs.allowedAccountIds ?? '[]')) as string[]
        return [
          ...tagKeys.filter((key) => !tags.includes(key)).map((key) => `${name}: no default tag ${key}`),
          ...(accounts.length === 1 ? [] : [`${name}: not limited to one account`]),
        ]
      }),
  ],
  breaks: {
    'the default provider': (graph) => {
      first(graph, 'aws:ec2/vpc:Vpc').region = undefined
    },
    'a provider without tags': (graph) => {
      first(graph, 'pulumi:providers:aws').inputs.defaultTags = undefined
    },
    'a provider for any account': (graph) => {
      first(graph, 'pulumi:providers:aws').inputs.allowedAccountIds = undefined
    },
  },
}

/** What EC2 makes from a template gets only the tags in it. */
const templateTags = (resource: Resource): string[] => {
  const specifications = (resource.inputs.tagSpecifications ?? []) as { resourceType: string; tags: object }[]
  return ['instance', 'volume'].flatMap((wanted) => {
    const tags = Object.keys(specifications.find(({ resourceType }) => resourceType === wanted)?.tags ?? {})
    return tagKeys.filter((key) => !tags.includes(key)).map((key) => `${resource.name}: ${wanted} without tag ${key}`)
  })
}

export const tagsEverywhere: Rule = {
  sentence: 'no resource hides a default tag, and what launch templates start has them too',
  check: (graph) => [
    ...graph.resources.flatMap(({ name, inputs }) =>
      tagKeys
        .filter((key) => Object.hasOwn((inputs.tags ?? {}) as object, key))
        .map((key) => `${name}: own tag ${key}`),
    ),
    ...graph.resources.filter(({ type }) => type === 'aws:ec2/launchTemplate:LaunchTemplate').flatMap(templateTags),
  ],
  breaks: {
    'a tag that hides a default one': (graph) => {
      first(graph, 'aws:ec2/vpc:Vpc').inputs.tags = { cluster: 'other' }
    },
    'a launch template without tags': (graph) => {
      first(graph, 'aws:ec2/launchTemplate:LaunchTemplate').inputs.tagSpecifications = []
    },
  },
}

export const referencesFilled: Rule = {
  sentence: 'no input holds a value that was never filled in',
  check: (graph) =>
    graph.resources.flatMap((resource) =>
      strings(resource)
        .filter(({ value }) => /\bundefined\b|\[object |Calling \[toString\]|\bNaN\b/.test(value))
        .map(({ path, value }) => `${resource.name}: ${path.join('.')} is ${value.slice(0, 80)}`),
    ),
  breaks: {
    'an output printed as text': (graph) => added(graph, 'aws:ec2/vpc:Vpc', { a: { b: 'Calling [toString] on an…' } }),
    'an output that is not there': (graph) => added(graph, 'aws:ec2/vpc:Vpc', { arn: 'arn:aws:iam::1:role/undefined' }),
  },
}
