// Tables hold names in braces for what differs between clusters or only AWS knows; here they are filled in. Pure.

/** A name without a value is a mistake in the table. */
export const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`no target ${name} for ${text}`)
    return value
  })

/** The same in every text of a value that is JSON. */
export const filledIn = <T>(value: T, values: Readonly<Record<string, string>>): T =>
  JSON.parse(filled(JSON.stringify(value), values)) as T
