/** The raw baseline: sends back every byte. A process of its own, as a runtime is. */
import net from 'node:net'

const path = process.argv[2]
net
  .createServer((socket) => {
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  .listen(path, () => {
    process.stderr.write('serving\n')
  })
