import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** The CRD as it is installed. */
export function readAsyncActorDefinition(): object {
  const path = new URL('../../../../deploy/crd/asyncactors.asya.io.yaml', import.meta.url)
  return parse(readFileSync(path, 'utf8')) as object
}
