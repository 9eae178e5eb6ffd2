import type { TestProject } from 'vitest/node'
import { startBroker } from '../broker/index.ts'

/** One broker for all test files of the project, started before the first and ended after the last. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const broker = await startBroker({ say: (line) => process.stderr.write(`${line}\n`) })
  project.provide('rabbitmq', broker.handle)
  return () => broker.close()
}
