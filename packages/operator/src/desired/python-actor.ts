import type { Container, PodTemplate } from '@asya/protocol'
import { itemsOf } from '../kube/fields.ts'

/** The container that holds the handler. */
export function findRuntimeContainer({ spec }: PodTemplate): Container | undefined {
  return spec.containers.find(({ name }) => name === 'runtime')
}

/** The second is the original's, and known to the runtime too. */
const HANDLER: ReadonlySet<unknown> = new Set(['ASYA_HANDLER', 'ASYA_PROCESS_MODULE'])

/** `triage.classify`, `triage.models:classify`: but no file of JavaScript. */
const PYTHON_FUNCTION = /^[A-Za-z_]\w*(?:[.:][A-Za-z_]\w*)+(?<!\.[cm]?[jt]s)$/

/** Whether it leaves open what to start, and names its handler as Python does. */
export function isPythonContainer(container: Container): boolean {
  if (container['command'] !== undefined) return false
  return itemsOf(container['env']).some(
    ({ name, value }) =>
      HANDLER.has(name) && typeof value === 'string' && PYTHON_FUNCTION.test(value),
  )
}
