import { runCtl, type PrivateServer } from '@asya/transport/rabbitmq/broker'

const PETABYTE = '1000000000000000'

/** Does to the broker what happens to brokers. Whoever uses it has the broker for itself. */
export class BrokerFaults {
  readonly #server: PrivateServer

  constructor(server: PrivateServer) {
    this.#server = server
  }

  get url(): string {
    return this.#server.handle.url
  }

  /** Ends it, and starts it again with its data. Resolves when it listens. */
  async restart(how: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.#server.down(how)
    await this.#server.up()
  }

  /** Ends it in order; it stays away until `start`. */
  stop(): Promise<void> {
    return this.#server.down('SIGTERM')
  }

  /** Starts it again after `stop`, with its data. */
  start(): Promise<void> {
    return this.#server.up()
  }

  /** Stops its process where it is, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    const { pid } = this.#server
    if (pid === undefined) throw new Error('the broker is down')
    process.kill(pid, signal)
  }

  async closeConnections(pattern: RegExp): Promise<number> {
    const listed = await this.#list('list_connections', 'pid', 'client_properties')
    const lines = listed.filter((line) => pattern.test(line))
    for (const line of lines) {
      const pid = /^<[\d.a-zA-Z@-]+>/.exec(line)?.[0]
      if (pid !== undefined) await this.ctl('close_connection', pid, 'a fault')
    }
    return lines.length
  }

  async setMemoryAlarm(isOn: boolean): Promise<void> {
    await this.ctl('set_vm_memory_high_watermark', isOn ? '0.00000001' : '0.4')
  }

  async setDiskAlarm(isOn: boolean): Promise<void> {
    await this.ctl('set_disk_free_limit', isOn ? PETABYTE : '50MB')
  }

  /** What lies in a queue, also what is delivered and unsettled; some seconds old, for quorum queues. */
  async countMessages(queue: string): Promise<number> {
    const listed = await this.#list('list_queues', 'name', 'messages')
    const found = listed.find((line) => line.startsWith(`${queue}\t`))
    if (found === undefined) throw new Error(`there is no queue ${queue}`)
    return Number(found.slice(queue.length + 1))
  }

  /** The states of the connections of that name. */
  async listStates(connection: string): Promise<readonly string[]> {
    const listed = await this.#list('list_connections', 'state', 'client_properties')
    return listed
      .filter((line) => line.includes(`"${connection}"`))
      .map((line) => line.split('\t')[0] ?? '')
  }

  async #list(command: string, ...columns: readonly string[]): Promise<readonly string[]> {
    return (await this.ctl(command, '--no-table-headers', ...columns)).split('\n')
  }

  ctl(...args: readonly string[]): Promise<string> {
    return runCtl(this.#server.handle, args)
  }
}
