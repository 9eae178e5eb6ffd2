/** A broker to work with, and how it came to be. */
export interface Broker {
  /** `given`: somebody else's; `started`, `docker`: ours, ended by `close`. */
  readonly how: 'given' | 'started' | 'docker'
  readonly handle: BrokerHandle
  /** Ends what was started for it, and leaves nothing behind. Idempotent. */
  close(): Promise<void>
}

/** What another process needs to use a broker. Plain data: survives JSON. Holds a password. */
export interface BrokerHandle {
  /** Of its default virtual host. */
  readonly url: string
  /** How `rabbitmqctl` is run for it; undefined for one that is not ours. */
  readonly ctl: CtlCommand | undefined
}

interface CtlCommand {
  readonly program: string
  /** Before those of the control program itself. */
  readonly args: readonly string[]
  readonly settings: Readonly<Record<string, string>>
}
