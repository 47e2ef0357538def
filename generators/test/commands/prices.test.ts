// `npm run prices` reads price lists in the forms in which they are published; a price of another region is printed with ≈ everywhere.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { assert, describe } from '../../../test/spec.ts'
import { mergePriceLists, readPriceList } from '../../commands/price-readers.ts'
import type { PriceList } from '../../schema/prices.ts'
import { type FixtureRepository, repositoryRoot, validFixture, withRepository } from '../fixture.ts'

/** Lines of pkg/providers/pricing/zz_generated.pricing_aws.go of Karpenter’s AWS provider v1.15.1. */
const karpenter = `package pricing

// generated at 2026-07-20T13:44:30Z for us-east-1

import ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

var InitialOnDemandPricesAWS = map[string]map[ec2types.InstanceType]float64{
	// us-east-1
	"us-east-1": {
		// g6 family
		"g6.12xlarge": 4.601600, "g6.16xlarge": 3.396800, "g6.24xlarge": 6.675200, "g6.2xlarge": 0.977600,
		// p6-b200 family
		"p6-b200.48xlarge": 113.932800,
	},
}
`

/** Two rows of instances.json of ec2instances.info, without the fields that are not read. */
const ec2Instances = JSON.stringify([
  {
    instance_type: 'g6.12xlarge',
    pricing: {
      'us-east-1': { linux: { ondemand: '4.6016', reserved: {} }, mswin: { ondemand: '6.8096' } },
      'eu-west-2': { linux: { ondemand: '5.8413' } },
      'ap-east-1': { linux: { ondemand: 'N/A' } },
    },
  },
  {
    instance_type: 'p5.48xlarge',
    pricing: { 'us-east-1': { linux: { ondemand: '98.32' } }, 'eu-west-2': { linux: { ondemand: '127.816' } } },
  },
])

/** Rows of catalogs/v8/aws/vms.csv of SkyPilot’s catalogue. */
const skyPilot = `InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region,AvailabilityZone,Arch
a1.large,,,2.0,4.0,,0.0642,0.064200,ap-northeast-1,apne1-az2,arm64
p5.48xlarge,H100,8.0,192.0,2048.0,"{'Gpus': [{'Name': 'H100', 'Manufacturer': 'NVIDIA', 'Count': 8, 'MemoryInfo': {'SizeInMiB': 81920}}], 'TotalGpuMemoryInMiB': 655360}",71.552,15.725900,eu-west-2,euw2-az1,x86_64
p5e.48xlarge,H200,8.0,192.0,2048.0,"{'Gpus': [{'Name': 'H200', 'Manufacturer': 'NVIDIA', 'Count': 8}], 'TotalGpuMemoryInMiB': 1155072}",,19.425400,eu-west-2,euw2-az2,x86_64
`

describe('price lists', (test) => {
  test('are read as Karpenter generates them', () => {
    const { date, regions } = readPriceList(karpenter) ?? {}
    assert.is(date, '2026-07-20')
    assert.equal(regions?.['us-east-1'], {
      'g6.12xlarge': 4.6016,
      'g6.16xlarge': 3.3968,
      'g6.24xlarge': 6.6752,
      'g6.2xlarge': 0.9776,
      'p6-b200.48xlarge': 113.9328,
    })
  })

  test('are read as ec2instances.info publishes them: Linux on demand, a number or nothing', () => {
    assert.equal(readPriceList(ec2Instances)?.regions, {
      'us-east-1': { 'g6.12xlarge': 4.6016, 'p5.48xlarge': 98.32 },
      'eu-west-2': { 'g6.12xlarge': 5.8413, 'p5.48xlarge': 127.816 },
    })
  })

  test('are read as SkyPilot’s catalogue has them, commas in quotes included', () => {
    assert.equal(readPriceList(skyPilot)?.regions, {
      'ap-northeast-1': { 'a1.large': 0.0642 },
      'eu-west-2': { 'p5.48xlarge': 71.552 },
    })
  })

  test('of no known form are none', () => {
    assert.is(readPriceList('type,price\ng6.xlarge,1\n'), undefined)
    assert.is(readPriceList(''), undefined)
  })

  const list = (date: string, regions: PriceList['regions']): PriceList => ({ source: date, date, regions })

  test('say nothing about a type whose price has changed since', () => {
    const old = list('2025-05-28', {
      'us-east-1': { 'p5.48xlarge': 98.32, 'g6.xlarge': 0.8 },
      'eu-west-2': { 'p5.48xlarge': 127.8, 'g6.xlarge': 1 },
    })
    const fresh = list('2026-07-20', { 'us-east-1': { 'p5.48xlarge': 55.04, 'g6.xlarge': 0.8 } })
    const merged = mergePriceLists([old, fresh], ['p5.48xlarge', 'g6.xlarge'], ['us-east-1', 'eu-west-2'])
    assert.equal(
      merged.map(({ regions }) => regions),
      [
        { 'us-east-1': { 'p5.48xlarge': 55.04, 'g6.xlarge': 0.8 } },
        { 'us-east-1': { 'g6.xlarge': 0.8 }, 'eu-west-2': { 'g6.xlarge': 1 } },
      ],
    )
  })

  test('that are newer count for a region', () => {
    const old = list('2025-05-28', { 'eu-west-2': { 'g6.xlarge': 1 } })
    const fresh = list('2026-01-20', { 'eu-west-2': { 'g6.xlarge': 1.1 } })
    assert.equal(
      mergePriceLists([old, fresh], ['g6.xlarge'], ['eu-west-2']).map(({ date }) => date),
      ['2026-01-20'],
    )
  })
})

function run(command: string, root: string, ...args: string[]) {
  const main = join(repositoryRoot, 'generators/main.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, command, '--root', root, ...args], {
    encoding: 'utf8',
  })
  return { status, out: stdout, log: stderr }
}

describe('npm run prices', (test) => {
  const path = 'generators/schema/prices.json'

  test('writes the table, and the same again', () =>
    withRepository(validFixture, ({ root, write, read }) => {
      write(path, '[]\n')
      write('list.go', karpenter)
      const first = run('prices', root, join(root, 'list.go'), '--source', 'Karpenter')
      assert.equal([first.status, first.out], [0, `${path}: 5 prices of 1 lists\n`])
      const [written] = JSON.parse(read(path)) as PriceList[]
      assert.equal(
        [written?.source, written?.date, written?.regions['us-east-1']?.['g6.2xlarge']],
        ['Karpenter', '2026-07-20', 0.9776],
      )
      assert.match(run('prices', root, join(root, 'list.go'), '--source', 'Karpenter').out, ', as before')
    }))

  test('asks for what the file does not say', () =>
    withRepository(validFixture, ({ root, write }) => {
      write(path, '[]\n')
      write('vms.csv', skyPilot)
      write('other.txt', 'nothing\n')
      const file = join(root, 'vms.csv')
      const asked: [string[], string][] = [
        [[], 'give one price list'],
        [[file], 'say with --source where the list comes from'],
        [[file, '--source', 'SkyPilot'], 'say with --date YYYY-MM-DD'],
        [[file, '--source', 'SkyPilot', '--date', 'May'], '--date: "May" is no day of the calendar'],
        [[file, '--source', 'SkyPilot', '--date', '2026-06-31'], '--date: "2026-06-31" is no day of the calendar'],
        [[join(root, 'other.txt'), '--source', 'x'], 'is no price list of a known form'],
      ]
      for (const [args, message] of asked) {
        const { status, log } = run('prices', root, ...args)
        assert.is(status, 1)
        assert.match(log, message)
      }
      assert.is(run('prices', root, join(root, 'absent'), '--source', 'x').status, 2)
    }))
})

/** Nobody has published what an A10G costs in us-west-1. */
function moveToUnpricedRegion({ read, write }: FixtureRepository): void {
  for (const file of ['clusters/blue/cluster.yaml', 'clusters/blue/infra.json'])
    write(
      file,
      read(file)
        .replace('{ l4: 4 }', '{ a10g: 4 }')
        .replaceAll('us-east-1', 'us-west-1')
        .replace('acm:us-west-1', 'acm:us-east-1'),
    )
  const model = 'apps/models/chat.yaml'
  write(
    model,
    read(model)
      .replace('accelerator: l4', 'accelerator: a10g')
      .replace(/ {2}green.*\n/, ''),
  )
}

interface PlanJson {
  gpuNodes: { min: number; max: number }
  estimatedPrice: boolean
  models: { name: string; price: object }[]
}

describe('a price of another region', (test) => {
  test('has ≈ and its reason in the tables of plan, explain and whatif', () =>
    withRepository(validFixture, (repository) => {
      moveToUnpricedRegion(repository)
      const { root } = repository
      const plan = run('plan', root, '--cluster', 'blue')
      assert.match(plan.out, /^cluster blue \(us-west-1\): 3 models, 1\.\.2 GPU nodes, ≈\$\d+\.\.\d+ a month$/m)
      assert.match(plan.out, /^chat .* ≈\$734\.\.1469$/m)
      assert.match(plan.out, /^demo .* \$\d+$/m)
      assert.match(plan.out, '≈$: no price of us-west-1 is known, that of us-east-1 is taken')
      const [json] = (JSON.parse(run('plan', root, '--cluster', 'blue', '--json').out) as { result: PlanJson[] }).result
      assert.equal([json?.gpuNodes, json?.estimatedPrice], [{ min: 1, max: 2 }, true])
      assert.equal(json?.models.find(({ name }) => name === 'chat')?.price, {
        usdPerHour: 1.006,
        region: 'us-east-1',
        date: '2026-07-20',
      })
      const { out } = run('explain', root, 'chat', 'cost')
      assert.match(out, /cost ≈ \$734\.\.1469 a month/)
      assert.match(out, 'us-east-1, since no price of us-west-1 is known, 2026-07-20')
      assert.match(out, 'assumed: otherRegionPrice')
      assert.match(run('whatif', root, '--context', '4096').out, /≈\$734\.\.1,469/)
    }))

  test('has none where the region’s own is known', () => {
    const { out } = run('plan', validFixture, '--cluster', 'blue')
    assert.ok(!out.includes('≈$'))
    assert.match(run('explain', validFixture, 'chat', 'cost').out, /cost = \$588\.\.1175 a month/)
  })
})
