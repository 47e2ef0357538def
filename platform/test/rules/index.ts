// All rules over the graph; the test runs each against every cluster, and each of its breaks.
import * as api from './api.ts'
import * as edge from './edge.ts'
import * as encryption from './encryption.ts'
import * as exposure from './exposure.ts'
import * as iam from './iam.ts'
import * as monitoring from './monitoring.ts'
import * as protection from './protection.ts'
import * as refusals from './refusals.ts'
import * as regions from './regions.ts'
import type { Rule } from './rule.ts'
import * as structure from './structure.ts'

const modules = [structure, api, edge, exposure, encryption, iam, monitoring, protection, refusals, regions]

const isRule = (value: unknown): value is Rule => typeof value === 'object' && value !== null && 'check' in value

export const rules: readonly Rule[] = modules.flatMap((module) => Object.values(module).filter(isRule))
