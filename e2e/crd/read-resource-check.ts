import { readFileSync } from 'node:fs'
import { ResourceCheck, type Schema } from '@asya/operator/testing'
import { parse } from 'yaml'

interface Definition {
  readonly spec: {
    readonly versions: readonly {
      readonly schema: { readonly openAPIV3Schema: Schema }
    }[]
  }
}

/** The CRD as it is installed. */
export function readDefinition(): Definition {
  const path = new URL('../../deploy/crd/asyncactors.asya.io.yaml', import.meta.url)
  return parse(readFileSync(path, 'utf8')) as Definition
}

export function readResourceCheck(): ResourceCheck {
  return new ResourceCheck(readDefinition().spec.versions[0]?.schema.openAPIV3Schema ?? {})
}
