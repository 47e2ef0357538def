// What one test file reports to test/run.ts when it ends.

export interface Report {
  passed: number
  failed: number
  skipped: { test: string; reason: string }[]
}

/** Starts the line that carries the report. */
export const reportMark = '##report '
