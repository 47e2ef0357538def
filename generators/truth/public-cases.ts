// The cases of cases.json: start-up logs that are public, as facts and figures with their sources.
import { type Case, readCases } from './case.ts'
import cases from './cases.json' with { type: 'json' }

export const publicCases = (): Case[] => readCases(JSON.stringify(cases))
