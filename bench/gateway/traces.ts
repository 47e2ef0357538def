// What traces cost: the same gateway twice, one that sends spans and one that does not, in turns and in front of one engine. The pair has a
// ratio of its own, since each of them beside nginx would hide a few per cent in the noise of two ratios.
import { type Measurement, median, round } from '../measurement.ts'
import { startGateway } from './gateway.ts'
import { chatBody, saturate } from './wrk.ts'

interface Place {
  folder: string
  bundled: string
  path: string
  ports: { engine: number; gateway: number; admin: number; second: number; secondAdmin: number }
}

const rounds = 5
const seconds = 5

/** A share of 1 %, as the samples have it, and every request, which is what a person does who looks for something. */
const shares = [0.01, 1]

export async function traceCost({ folder, bundled, path, ports }: Place): Promise<Measurement[]> {
  const measurements: Measurement[] = []
  const none = await startGateway(folder, bundled, { port: ports.gateway, adminPort: ports.admin }, [ports.engine], 0)
  for (const share of shares) {
    const place = { port: ports.second, adminPort: ports.secondAdmin }
    const traced = await startGateway(folder, bundled, place, [ports.engine], share)
    const cost = (gateway: typeof none, port: number): number =>
      saturate(folder, gateway.pid, `http://127.0.0.1:${port}${path}`, {
        body: chatBody(200),
        token: gateway.token,
        seconds,
      }).cpuMicros
    const ratios = Array.from({ length: rounds }, () => {
      const without = cost(none, ports.gateway)
      return cost(traced, ports.second) / without
    })
    await traced.stop()
    const name = `CPU per small request, ${share * 100} % of requests traced`
    measurements.push(
      { name, value: round(median(ratios)), unit: 'ratio', ratioTo: 'without traces' },
      {
        name: `${name}: from the lowest to the highest of ${rounds}`,
        value: round(Math.max(...ratios) - Math.min(...ratios)),
        unit: 'ratio',
      },
    )
  }
  await none.stop()
  return measurements
}
