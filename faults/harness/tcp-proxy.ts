import net, { type AddressInfo, type Socket } from 'node:net'

/**
 * What the network does between a client and a broker.
 *
 * pass       everything, at once
 * latency    everything, half a second later
 * trickle    one byte a second in each direction
 * stall      nothing for now; all of it later
 * black-hole nothing ever, also on new connections, which are taken all the same
 * refuse     existing and new connections are reset
 */
export type Weather = 'pass' | 'latency' | 'trickle' | 'stall' | 'black-hole' | 'refuse'

const LATENCY_MS = 500
const TRICKLE_MS = 1_000

export class TcpProxy {
  readonly #server: net.Server
  readonly #target: URL
  readonly #pairs = new Set<Pair>()
  #weather: Weather = 'pass'
  /** How many connections were taken. */
  accepted = 0

  /** Resolves when it listens. */
  static async open(target: string): Promise<TcpProxy> {
    const proxy = new TcpProxy(new URL(target))
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  private constructor(target: URL) {
    this.#target = target
    this.#server = net.createServer((client) => this.#accept(client))
  }

  /** The target's URL, through the proxy. */
  get url(): string {
    const url = new URL(this.#target.href)
    url.port = String((this.#server.address() as AddressInfo).port)
    return url.href
  }

  set(weather: Weather): void {
    this.#weather = weather
    for (const pair of this.#pairs) {
      if (weather === 'refuse') reset(pair)
      for (const way of pair.ways) way.change(weather)
    }
  }

  /** Existing connections are reset, once. */
  reset(): void {
    for (const pair of this.#pairs) reset(pair)
  }

  /** The broker's side of each connection vanishes, and nobody tells the client. */
  vanish(): void {
    for (const pair of this.#pairs) {
      for (const way of pair.ways) way.change('black-hole')
      pair.upstream.destroy()
    }
  }

  close(): void {
    this.reset()
    this.#server.close()
  }

  #accept(client: Socket): void {
    this.accepted += 1
    if (this.#weather === 'refuse') {
      client.resetAndDestroy()
      return
    }
    const { hostname: host, port } = this.#target
    const upstream = net.connect({ host, port: Number(port), noDelay: true })
    client.setNoDelay(true)
    const ways = [new Way(client, upstream), new Way(upstream, client)]
    const pair: Pair = { client, upstream, ways }
    this.#pairs.add(pair)
    for (const way of ways) way.change(this.#weather)
    for (const socket of [client, upstream]) socket.on('error', () => undefined)
    client.on('close', () => {
      this.#pairs.delete(pair)
      upstream.destroy()
    })
    upstream.on('close', () => {
      if (!ways.some((way) => way.isDead)) client.destroy()
    })
  }
}

interface Pair {
  readonly client: Socket
  readonly upstream: Socket
  readonly ways: readonly Way[]
}

function reset(pair: Pair): void {
  pair.client.resetAndDestroy()
  pair.upstream.resetAndDestroy()
}

/** One direction of a connection. */
class Way {
  readonly #to: Socket
  #weather: Weather = 'pass'
  #held: Buffer[] = []
  #timer: NodeJS.Timeout | undefined
  /** What has fallen into a black hole never comes out, and what would follow makes no sense. */
  isDead = false

  constructor(from: Socket, to: Socket) {
    this.#to = to
    from.on('data', (chunk) => this.#take(chunk))
    from.on('close', () => clearInterval(this.#timer))
  }

  change(weather: Weather): void {
    this.#weather = weather
    clearInterval(this.#timer)
    if (weather === 'black-hole') this.isDead = true
    if (weather === 'trickle') this.#timer = setInterval(() => this.#drip(), TRICKLE_MS)
    if (weather === 'pass') for (const chunk of this.#held.splice(0)) this.#write(chunk)
  }

  #take(chunk: Buffer): void {
    if (this.isDead) return
    if (this.#weather === 'pass') this.#write(chunk)
    else this.#held.push(chunk)
    if (this.#weather === 'latency') setTimeout(() => this.#writeNext(), LATENCY_MS)
  }

  #drip(): void {
    const [first] = this.#held
    if (!first) return
    this.#write(first.subarray(0, 1))
    if (first.length > 1) this.#held[0] = first.subarray(1)
    else this.#held.shift()
  }

  /** Nothing is left when the weather has changed meanwhile. */
  #writeNext(): void {
    const chunk = this.#held.shift()
    if (chunk) this.#write(chunk)
  }

  #write(chunk: Buffer): void {
    if (!this.#to.destroyed) this.#to.write(chunk)
  }
}
