// Reads what comes on a port and drops it: what a tenant that sends its worst costs everybody on this machine, whatever the gateway does.
// Arguments: port, bytes after which a request is over.
import { createServer } from 'node:net'

const [port = '0', bytesText = '0'] = process.argv.slice(2)

createServer((socket) => {
  let left = Number(bytesText)
  socket.on('error', () => {})
  socket.on('data', (part) => {
    left -= part.length
    if (left <= 0) socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n')
  })
}).listen(Number(port), '127.0.0.1')
