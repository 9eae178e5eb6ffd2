import { mkdirSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Container } from './container.ts'
import type { ClusterNode } from './node.ts'
import type { PodSpec } from './pod-spec.ts'
import { Surroundings } from './surroundings.ts'

const PROBE_MS = 100

/**
 * A pod whose containers are processes of this machine, started and ended in the order of a kubelet:
 * sidecars (init containers that stay) before the others, and killed after them, the last one first.
 */
export class Pod {
  /** In the order of their start. */
  readonly containers: readonly Container[]
  readonly #spec: PodSpec
  readonly #folder: string
  #isEnding = false
  #passesProbes = false

  private constructor(spec: PodSpec, folder: string, surroundings: Surroundings) {
    this.#spec = spec
    this.#folder = folder
    const all = [...(spec.initContainers ?? []), ...spec.containers]
    this.containers = all.map((each) => new Container(each, surroundings))
  }

  /** Makes a pod and starts it. `folder`: its own, and short, since sockets are in it. */
  static async start(spec: PodSpec, folder: string, node: ClusterNode): Promise<Pod> {
    mkdirSync(folder, { recursive: true })
    const pod = new Pod(spec, folder, await Surroundings.make(folder, spec, node))
    await pod.#startAll()
    void pod.#watchReadiness()
    return pod
  }

  get isReady(): boolean {
    return this.#passesProbes && !this.#isEnding
  }

  find(name: string): Container {
    const found = this.containers.find(({ spec }) => spec.name === name)
    if (found === undefined) throw new Error(`the pod has no container ${name}`)
    return found
  }

  /** Resolves when all its containers have ended. `graceMs`: other than the one that it asks for. */
  async delete(graceMs = this.#spec.terminationGracePeriodSeconds * 1_000): Promise<void> {
    this.#isEnding = true
    const isSidecar = ({ spec }: Container): boolean => spec.restartPolicy === 'Always'
    const mains = this.containers.filter((each) => !isSidecar(each))
    const ended: Promise<void>[] = mains.map((each) => each.kill(graceMs, Promise.resolve()))
    for (const sidecar of this.containers.filter(isSidecar).reverse()) {
      ended.push(sidecar.kill(graceMs, Promise.all(ended)))
    }
    await Promise.all(ended)
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Ends it at once, as the end of its machine would. */
  crash(): void {
    this.#isEnding = true
    for (const container of this.containers) container.crash()
  }

  /** What its containers said, and what was done to them. */
  describe(): string {
    return this.containers
      .map(({ spec, events, output }) => `--- ${spec.name}: ${events.join(', ')}\n${output}`)
      .join('')
  }

  async #startAll(): Promise<void> {
    for (const container of this.containers) {
      if (this.#runsToEnd(container)) await container.runToEnd()
      else container.start()
    }
  }

  /** What is done before the others start. */
  #runsToEnd({ spec }: Container): boolean {
    return spec.restartPolicy !== 'Always' && this.#spec.initContainers?.includes(spec) === true
  }

  async #watchReadiness(): Promise<void> {
    const staying = this.containers.filter((each) => !this.#runsToEnd(each))
    const probes = staying.flatMap((container) => {
      const get = container.spec.readinessProbe?.httpGet
      return get === undefined ? [] : [() => container.answers(get)]
    })
    while (!this.#isEnding) {
      const answers = await Promise.all(probes.map((probe) => probe()))
      const areRunning = staying.every(({ isRunning }) => isRunning)
      this.#passesProbes = areRunning && answers.every(Boolean)
      await sleep(PROBE_MS)
    }
  }
}
