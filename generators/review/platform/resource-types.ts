// Every type of resource that the platform declares: what it is called, what its loss means, and which inputs AWS cannot change.
import { clusterTypes } from './cluster-types.ts'
import { requestTypes } from './request-types.ts'
import type { TypeRow } from './type-row.ts'

const types: Readonly<Record<string, TypeRow>> = { ...requestTypes, ...clusterTypes }

export const typeRow = (type: string): TypeRow | undefined => (Object.hasOwn(types, type) ? types[type] : undefined)
