import type { KubeClient } from '../kube/kube-client.ts'

/** What a client was asked to write; leases and events are not counted, they are no state of an actor. */
export interface Counted {
  readonly client: KubeClient
  /** `apply Deployment echo`, in order. */
  readonly writes: readonly string[]
}

/** What becomes of the writes from the `at`th on (0 is the first): the process is gone. */
export interface Death {
  readonly at: number
  /** Whether the write itself is still done, and only its answer lost. */
  readonly isWritten: boolean
  /** Called once, when it dies. */
  readonly onDeath: () => void
}

/** Counts writes; with a death, they stop there, as those of a process that was killed. */
export function countWrites(inner: KubeClient, death?: Death): Counted {
  const writes: string[] = []
  let isDead = false
  const never = new Promise<never>(() => undefined)
  const write = async <T>(what: string, act: () => Promise<T>): Promise<T> => {
    if (isDead) return never
    const isLast = writes.length === death?.at
    writes.push(what)
    if (!isLast) return act()
    isDead = true
    if (death.isWritten) await act()
    death.onDeath()
    return never
  }
  const client: KubeClient = {
    get: (resource, key) => inner.get(resource, key),
    list: (resource, options) => inner.list(resource, options),
    watch: (resource, options) => inner.watch(resource, options),
    apply: (resource, object, options) => {
      const what = options.subresource ?? 'apply'
      return write(`${what} ${object.kind} ${object.metadata.name}`, () =>
        inner.apply(resource, object, options),
      )
    },
    create: (resource, object) => (isDead ? never : inner.create(resource, object)),
    replace: (resource, object) => (isDead ? never : inner.replace(resource, object)),
    remove: (resource, key, options) =>
      write(`delete ${resource.kind} ${key.name}`, () => inner.remove(resource, key, options)),
    serverVersion: () => inner.serverVersion(),
    hasKind: (apiVersion, kind) => inner.hasKind(apiVersion, kind),
    close: () => inner.close(),
  }
  return { client, writes }
}
