import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findFreePort, type ClusterNode } from './node.ts'
import type { ContainerSpec, FileSource, PodSpec, VariableSpec, VolumeSpec } from './pod-spec.ts'

/**
 * What the containers of a pod share: its volumes, as folders, and its ports. Without a file system
 * and an address of its own, a container is told the real ones wherever it is told one.
 */
export class Surroundings {
  readonly #folder: string
  readonly #node: ClusterNode
  readonly #ports = new Map<number, number>()

  private constructor(folder: string, node: ClusterNode) {
    this.#folder = folder
    this.#node = node
  }

  static async make(folder: string, pod: PodSpec, node: ClusterNode): Promise<Surroundings> {
    const made = new Surroundings(folder, node)
    for (const volume of pod.volumes ?? []) made.#fill(volume)
    for (const { ports = [] } of [...(pod.initContainers ?? []), ...pod.containers]) {
      for (const { containerPort } of ports) made.#ports.set(containerPort, await findFreePort())
    }
    return made
  }

  /** The real number of a container's port. */
  findPort(port: number | string, { name, ports = [] }: ContainerSpec): number {
    const named = ports.find((each) => each.name === port)?.containerPort ?? port
    const found = typeof named === 'number' ? this.#ports.get(named) : undefined
    if (found === undefined) throw new Error(`nobody in the pod of ${name} has a port ${port}`)
    return found
  }

  /** The variables of a container: the image's, then its own, with references to earlier ones. */
  makeEnvironment(container: ContainerSpec): Readonly<Record<string, string>> {
    const image = this.#findImage(container)
    const known: Record<string, string> = { ...image.env }
    for (const variable of container.env ?? []) {
      known[variable.name] =
        variable.valueFrom === undefined
          ? expand(variable.value ?? '', known)
          : this.#lookUp(variable)
    }
    const entries = Object.entries(known)
    return Object.fromEntries(
      entries.map(([name, value]) => [name, this.#toReal(value, container)]),
    )
  }

  /** Program and arguments of a container, and where it runs. */
  makeCommand(container: ContainerSpec): {
    readonly argv: readonly string[]
    readonly cwd: string
  } {
    const { entrypoint, workingDirectory } = this.#findImage(container)
    const argv = [...(container.command ?? entrypoint), ...(container.args ?? [])]
    return { argv: argv.map((word) => this.#toReal(word, container)), cwd: workingDirectory }
  }

  #findImage({ name, image }: ContainerSpec) {
    const found = this.#node.images[image]
    if (found === undefined) throw new Error(`the image ${image} of ${name} is not there`)
    return found
  }

  #lookUp({ name, valueFrom }: VariableSpec): string {
    const reference = { secretKeyRef: undefined, configMapKeyRef: undefined, ...valueFrom }
    const { secretKeyRef, configMapKeyRef } = reference
    const value = secretKeyRef
      ? this.#node.secrets[secretKeyRef.name]?.[secretKeyRef.key]
      : configMapKeyRef && this.#node.configMaps[configMapKeyRef.name]?.[configMapKeyRef.key]
    if (value === undefined) throw new Error(`${name}: no ${JSON.stringify(valueFrom)}`)
    return value
  }

  #fill(volume: VolumeSpec): void {
    const folder = this.#folderOf(volume.name)
    mkdirSync(folder, { recursive: true })
    if ('emptyDir' in volume) return
    const sources: readonly FileSource[] =
      'projected' in volume
        ? volume.projected.sources
        : 'configMap' in volume
          ? [{ configMap: volume.configMap }]
          : [{ secret: { ...volume.secret, name: volume.secret.secretName } }]
    for (const source of sources) this.#write(folder, source)
  }

  #write(folder: string, source: FileSource): void {
    const { secrets, configMaps } = this.#node
    const { name, items } = 'secret' in source ? source.secret : source.configMap
    const data = ('secret' in source ? secrets : configMaps)[name]
    if (data === undefined) throw new Error(`no ${JSON.stringify(source)}`)
    for (const { key, path } of items ??
      Object.keys(data).map((each) => ({ key: each, path: each }))) {
      const value = data[key]
      if (value === undefined) throw new Error(`no key ${key} in ${name}`)
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), value)
    }
  }

  #folderOf(volume: string): string {
    return join(this.#folder, volume)
  }

  /** A path below a mount, or an address without a host such as `:9090`, as it is on this machine. */
  #toReal(value: string, { volumeMounts = [] }: ContainerSpec): string {
    const port = /^:(\d+)$/.exec(value)?.[1]
    if (port !== undefined) return `127.0.0.1:${this.#ports.get(Number(port)) ?? port}`
    const mount = volumeMounts.find(({ mountPath }) => `${value}/`.startsWith(`${mountPath}/`))
    return mount ? this.#folderOf(mount.name) + value.slice(mount.mountPath.length) : value
  }
}

/** `$(NAME)` is the value of an earlier variable, `$$` a dollar (Kubernetes, dependent variables). */
function expand(value: string, known: Readonly<Record<string, string>>): string {
  return value.replaceAll(/\$\$|\$\(([\w.-]+)\)/g, (whole, name?: string) =>
    name === undefined ? '$' : (known[name] ?? whole),
  )
}
