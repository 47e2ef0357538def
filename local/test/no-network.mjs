// Loaded into every process of a run: loopback works, everything else is an error, as on a machine without network.
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

const isHere = (host) => host === undefined || ['127.0.0.1', '::1', 'localhost'].includes(host)

const { connect } = net.Socket.prototype
net.Socket.prototype.connect = function (...args) {
  const options = Array.isArray(args[0]) ? args[0][0] : args[0]
  if (typeof options === 'object' && options.path === undefined && !isHere(options.host))
    throw new Error(`no network: ${options.host}`)
  return connect.apply(this, args)
}

const { lookup } = dns
dns.lookup = (host, ...rest) => {
  if (!isHere(host)) throw new Error(`no name server: ${host}`)
  return lookup(host, ...rest)
}
syncBuiltinESMExports()
