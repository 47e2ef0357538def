// Reads what S3 answers: flat XML without attributes that matter, so elements are looked for by name.

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const plain = (text: string): string =>
  text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (all, decimal, hex, name: string | undefined) =>
    decimal || hex
      ? String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16))
      : (entities[name ?? ''] ?? all),
  )

/** Content of every such element, as it is. */
export const elements = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}(?: [^>]*)?>([\\s\\S]*?)</${name}>`, 'g'))].map(([, content = '']) => content)

/** Text of the first one. */
export function element(xml: string, name: string): string | undefined {
  const content = elements(xml, name)[0]
  return content === undefined ? undefined : plain(content)
}
