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

/** The connections of our transport, as they call themselves; a connection without a name is neither. */
export type ConnectionName = 'publishing' | 'consuming'

const LATENCY_MS = 500
const TRICKLE_MS = 1_000

/** Stands between clients and a broker, and does to their connections what networks do. */
export class TcpProxy {
  readonly #server: net.Server
  readonly #target: { readonly host: string; readonly port: number }
  readonly #pairs = new Set<Pair>()
  #weather: Weather = 'pass'
  /** Of the connections of a name, where it is another. */
  readonly #local = new Map<ConnectionName, Weather>()
  /** How many connections were taken. */
  accepted = 0

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

  /** Changes the weather for all connections. */
  set(weather: Weather): void {
    this.#weather = weather
    this.#local.clear()
    for (const pair of this.#pairs) change(pair, weather)
  }

  /** Changes it for the connections of one name, also for those that are made later. */
  setFor(name: ConnectionName, weather: Weather): void {
    this.#local.set(name, weather)
    for (const pair of this.#pairs) if (pair.name === name) change(pair, weather)
  }

  /** Bytes that clients have sent on the connections of a name, and that are held back. */
  countHeld(name: ConnectionName): number {
    const held = [...this.#pairs].filter((pair) => pair.name === name)
    return held.reduce((sum, { ways: [up] }) => sum + up.heldBytes, 0)
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
    const upstream = net.connect({ ...this.#target, noDelay: true })
    client.setNoDelay(true)
    const ways = [new Way(client, upstream), new Way(upstream, client)] as const
    const pair: Pair = { client, upstream, ways, name: undefined }
    this.#pairs.add(pair)
    for (const way of ways) way.change(this.#weather)
    for (const socket of [client, upstream]) socket.on('error', () => undefined)
    client.on('data', (chunk) => this.#listen(pair, chunk))
    client.on('close', () => {
      this.#pairs.delete(pair)
      upstream.destroy()
    })
    upstream.on('close', () => {
      if (!ways.some((way) => way.isDead)) client.destroy()
    })
  }

  /** A client tells its connection's name when it introduces itself. */
  #listen(pair: Pair, chunk: Buffer): void {
    if (pair.name !== undefined) return
    pair.name = NAMES.find((name) => chunk.includes(`asya ${name}`))
    const weather = pair.name && this.#local.get(pair.name)
    if (weather !== undefined) change(pair, weather)
  }
}

const NAMES: readonly ConnectionName[] = ['publishing', 'consuming']

interface Pair {
  readonly client: Socket
  readonly upstream: Socket
  /** From the client, and to it. */
  readonly ways: readonly [Way, Way]
  name: ConnectionName | undefined
}

function change(pair: Pair, weather: Weather): void {
  if (weather === 'refuse') reset(pair)
  for (const way of pair.ways) way.change(weather)
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

  get heldBytes(): number {
    return this.#held.reduce((sum, { length }) => sum + length, 0)
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
