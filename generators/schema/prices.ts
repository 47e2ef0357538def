// What an instance costs an hour on demand, by region. The lists are in prices.json, newest first; `npm run prices` writes it.
import file from './prices.json' with { type: 'json' }

export interface PriceList {
  source: string
  /** When the prices were valid, YYYY-MM-DD. */
  date: string
  /** US dollars an hour, Linux, shared tenancy: by region, by instance type. */
  regions: Record<string, Record<string, number>>
}

export const priceLists = file as unknown as readonly PriceList[]

/** The region whose prices all lists have, so that they can be compared; its price is taken for a region without one. */
export const homeRegion = 'us-east-1'

export interface Price {
  usdPerHour: number
  /** Where and when it was valid; another region than that of the cluster: its own price is not known. */
  region: string
  date: string
}

const find = (type: string, region: string): Price | undefined => {
  for (const { date, regions } of priceLists) {
    const usdPerHour = regions[region]?.[type]
    if (usdPerHour !== undefined) return { usdPerHour, region, date }
  }
  return undefined
}

/** Undefined: no list has the type, so AWS does not sell it on demand. */
export const priceOf = (type: string, region: string): Price | undefined => find(type, region) ?? find(type, homeRegion)
