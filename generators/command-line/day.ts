// Days as options and files name them: YYYY-MM-DD, in UTC.

/** @param days from today on */
export const dayIn = (days: number): string =>
  new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 'YYYY-MM-DD'.length)

export const today = (): string => dayIn(0)
