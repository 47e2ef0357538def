// Carries one request along the declared resources, to what answers it, and the answer back.
import { apiHost, hasCloudFront, hasHttpApi } from '../../generators/schema/edge-kinds.ts'
import { distributionOf, laneOf, passCloudFront } from './cloudfront.ts'
import { type Declared, theOnly } from './declared.ts'
import type { Gateway } from './expected-answer.ts'
import { asksForCertificate, passHttpApi, refusesWithoutCertificate } from './http-api.ts'
import { balancerType, passClientNetwork, passVpcLink, passVpcOrigin } from './into-vpc.ts'
import { passLoadBalancer, refusesStranger } from './load-balancer.ts'
import { passToGateway, passToModel } from './pods.ts'
import { BrokenPath, type Passage, type Step, type WalkAnswer, type WalkRequest } from './request.ts'
import {
  backThroughApi,
  backThroughBalancer,
  backThroughCloudFront,
  backThroughOrigin,
  type ReturnPath,
} from './return-path.ts'
import { passWebAcl } from './web-acl.ts'

export interface Walked {
  steps: Step[]
  answer: WalkAnswer
  /** Part that answered: a step’s, or `gateway` with whatever is behind it. */
  answeredBy: string
  /** The request as the gateway got it; undefined when it did not come so far. */
  delivered: WalkRequest | undefined
}

type Pass = (declared: Declared, request: WalkRequest) => Passage

const apiLane: Pass[] = [passHttpApi, passVpcLink]
const streamLane: Pass[] = [passOverApi, passVpcOrigin]
const insideVpc: Pass[] = [passLoadBalancer, passToGateway, passToModel]

function passOverApi(_declared: Declared, request: WalkRequest): Passage {
  return {
    step: {
      number: 3,
      part: 'HTTP API',
      resource: '–',
      says: 'not on this lane: the path begins with /stream/',
      changes: [],
      timeoutSeconds: undefined,
    },
    request,
  }
}

interface RequestPath {
  passes: Pass[]
  /** How the answer leaves the VPC. */
  lane: 'api' | 'stream' | 'inside' | undefined
  throughCloudFront: boolean
}

/** The name that the client asked decides where it comes in. */
function requestPathOf(declared: Declared, request: WalkRequest): RequestPath {
  const { host } = request
  const { cluster } = declared
  if (hasCloudFront(cluster)) {
    const distribution = distributionOf(declared)
    if (distribution.inputs.aliases.includes(host)) {
      const lane = laneOf(distribution.inputs, request)
      const hops = lane === 'api' ? apiLane : streamLane
      return { passes: [passCloudFront, passWebAcl, ...hops, ...insideVpc], lane, throughCloudFront: true }
    }
  }
  return { ...pastCloudFront(declared, host), throughCloudFront: false }
}

function pastCloudFront(declared: Declared, host: string): Pick<RequestPath, 'passes' | 'lane'> {
  const { cluster } = declared
  if (host === theOnly(declared, balancerType).outputs.dnsName) return { passes: [refusesStranger], lane: undefined }
  if (!hasHttpApi(cluster) && host === cluster.domain)
    return { passes: [passClientNetwork, ...insideVpc], lane: 'inside' }
  const isApi = hasHttpApi(cluster) && host === apiHost(cluster)
  if (isApi && asksForCertificate(declared)) return { passes: [refusesWithoutCertificate], lane: undefined }
  if (isApi || host.includes('.execute-api.')) return { passes: [...apiLane, ...insideVpc], lane: 'api' }
  throw new BrokenPath(`nothing answers for ${host}`)
}

function outOfVpc(declared: Declared, lane: RequestPath['lane'], request: WalkRequest, answer: WalkAnswer): ReturnPath {
  if (lane === 'api') return backThroughApi(declared, request, answer)
  return lane === 'inside' ? backThroughBalancer(declared, answer) : backThroughOrigin(declared, answer)
}

/** @throws BrokenPath when the declared resources do not lead to an answer */
export async function walk(declared: Declared, request: WalkRequest, gateway: Gateway): Promise<Walked> {
  const { passes, lane, throughCloudFront } = requestPathOf(declared, request)
  const steps: Step[] = []
  let current = request
  for (const pass of passes) {
    const passage = pass(declared, current)
    steps.push(passage.step)
    if ('request' in passage) {
      current = passage.request
      continue
    }
    const { number, part } = passage.step
    // Behind CloudFront and its web ACL.
    const back = throughCloudFront && number > 2 ? [backThroughCloudFront(declared, request, passage.answer)] : []
    return {
      steps: [...steps, ...back.map(({ step }) => step)],
      answer: back[0]?.answer ?? passage.answer,
      answeredBy: part,
      delivered: undefined,
    }
  }
  const answer = await gateway(current)
  const out = outOfVpc(declared, lane, current, answer)
  const back = throughCloudFront ? [out, backThroughCloudFront(declared, request, out.answer)] : [out]
  return {
    steps: [...steps, ...back.map(({ step }) => step)],
    answer: back.at(-1)?.answer ?? answer,
    answeredBy: 'gateway',
    delivered: current,
  }
}
