import {
  jsonKind,
  MAX_MEMBERS,
  parseJson,
  scanArray,
  scanObject,
  scanValue,
  type JsonBytes,
} from '@asya/protocol'

/**
 * The arguments of a `tools/call` as they were written: a payload travels byte for byte, and a number
 * that was parsed and written again may be another one. Undefined when there are none, or when the body
 * nests deeper than a payload may.
 */
export function findArguments(body: Uint8Array, requestId: string | number): JsonBytes | undefined {
  const request = findRequest(body, requestId)
  const params = request && findMember(request, 'params')
  return params && findMember(params, 'arguments')
}

/** The body itself, or the one of a batch (revision 2025-03-26) that has this id. */
function findRequest(body: Uint8Array, requestId: string | number): Uint8Array | undefined {
  const value = scanValue(body)
  if (!value.ok || jsonKind(value.value) !== 'array') return body
  const batch = scanArray(body, MAX_MEMBERS)
  if (!batch.ok) return undefined
  return batch.value.find((item) => {
    const id = findMember(item, 'id')
    return id !== undefined && parseJson(id) === requestId
  })
}

/** The last one of that name, as JSON.parse takes it. */
function findMember(object: Uint8Array, name: string): JsonBytes | undefined {
  const scanned = scanObject(object, 1)
  return scanned.ok ? scanned.value.findLast((member) => member.name === name)?.value : undefined
}
