// Large bodies of several tenants on real connections: whose part is read next.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { assert, describe } from '../../test/spec.ts'
import { ReadingTurns } from '../quota/reading-turns.ts'

const megabyte = 1_000_000

/** Receives `bytes` from each of these senders by turns; the sender of each part, and how many parts came in one turn of the event loop. */
async function receive(senders: readonly string[], bytes: number, turns: ReadingTurns) {
  const order: string[] = []
  const received = new Map<Socket, number>()
  let inTurn = 0
  let most = 0
  const server = createServer((socket) => {
    const tenant = senders[received.size] as string
    received.set(socket, 0)
    socket.on('error', () => {})
    socket.on('data', (part) => {
      received.set(socket, (received.get(socket) ?? 0) + part.length)
      order.push(tenant)
      if (inTurn++ === 0)
        setImmediate(() => {
          inTurn = 0
        })
      most = Math.max(most, inTurn)
      turns.pause(tenant, socket)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const clients: Socket[] = []
  for (const _ of senders) {
    const client = connect(port, '127.0.0.1')
    await once(client, 'connect')
    clients.push(client)
  }
  for (const client of clients) client.end(Buffer.alloc(bytes))
  while ([...received.values()].reduce((sum, size) => sum + size, 0) < bytes * senders.length)
    await new Promise((resolve) => setImmediate(resolve))
  for (const client of clients) client.destroy()
  server.close()
  return { order, most, sizes: [...received.values()] }
}

describe('large bodies', (test) => {
  test('are read whole, a part of one connection in each turn', async () => {
    const { most, sizes } = await receive(['a', 'a', 'b', 'c'], 4 * megabyte, new ReadingTurns())
    assert.equal(sizes, [4 * megabyte, 4 * megabyte, 4 * megabyte, 4 * megabyte])
    // The first part of each comes by itself, so several may share the first turns.
    assert.ok(most <= 4, `${most}`)
  })

  test('of a tenant with one connection have as many turns as those of one with twenty', async () => {
    const { order } = await receive([...Array(20).fill('many'), 'one'], 2 * megabyte, new ReadingTurns())
    const own = order.flatMap((tenant, at) => (tenant === 'one' ? [at] : []))
    const gaps = own.slice(1).map((at, index) => at - (own[index] as number))
    // Two, but where the kernel had nothing of it yet.
    const median = gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)] as number
    assert.ok(median <= 3, `${median} of ${own.length}`)
  })

  test('that were refused are read no further', async () => {
    const turns = new ReadingTurns()
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => {
        turns.pause('a', socket)
        turns.leave('a', socket)
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
    const [socket] = (await once(server, 'connection')) as [Socket]
    client.write(Buffer.alloc(4 * megabyte))
    while (socket.bytesRead === 0) await new Promise((resolve) => setImmediate(resolve))
    const { bytesRead } = socket
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    assert.ok(socket.isPaused())
    assert.ok(socket.bytesRead <= bytesRead + 131_072, `${socket.bytesRead - bytesRead}`)
    client.destroy()
    socket.destroy()
    server.close()
  })
})
