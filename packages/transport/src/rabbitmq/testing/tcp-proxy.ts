import net, { type AddressInfo, type Socket } from 'node:net'

/** Stands between a client and a broker, and does to their connections what networks do. */
export class TcpProxy {
  readonly #server: net.Server
  readonly #target: { readonly host: string; readonly port: number }
  readonly #pairs = new Set<Pair>()
  #isDown = false
  #isSilent = false

  /** Resolves when it listens. */
  static async open(target: { host: string; port: number }): Promise<TcpProxy> {
    const proxy = new TcpProxy(target)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  private constructor(target: { host: string; port: number }) {
    this.#target = target
    this.#server = net.createServer((client) => this.#accept(client))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** How many connections were taken since it listens. */
  accepted = 0

  /** Resets all connections, and every new one, until `mend`. */
  cut(): void {
    this.#isDown = true
    for (const pair of this.#pairs) destroy(pair)
  }

  /** Passes nothing on any more in either direction, and takes new connections all the same. */
  silence(): void {
    this.#isSilent = true
    for (const { client, upstream } of this.#pairs) {
      client.unpipe(upstream).resume()
      upstream.unpipe(client).resume()
    }
  }

  /** New connections work again; those that were silenced stay so. */
  mend(): void {
    this.#isDown = false
    this.#isSilent = false
  }

  close(): void {
    this.cut()
    this.#server.close()
  }

  #accept(client: Socket): void {
    this.accepted += 1
    if (this.#isDown) {
      client.resetAndDestroy()
      return
    }
    const upstream = net.connect({ ...this.#target, noDelay: true })
    client.setNoDelay(true)
    const pair = { client, upstream }
    this.#pairs.add(pair)
    for (const socket of [client, upstream]) {
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.#pairs.delete(pair)
        destroy(pair)
      })
    }
    if (this.#isSilent) {
      client.resume()
      upstream.resume()
    } else {
      client.pipe(upstream)
      upstream.pipe(client)
    }
  }
}

interface Pair {
  readonly client: Socket
  readonly upstream: Socket
}

function destroy({ client, upstream }: Pair): void {
  client.destroy()
  upstream.destroy()
}
