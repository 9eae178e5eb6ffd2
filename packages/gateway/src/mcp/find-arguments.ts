import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import {
  MAX_MEMBERS,
  parseJson,
  scanArray,
  scanObject,
  type JsonBytes,
  type ScanFailure,
} from '@asya/protocol'

/**
 * The arguments of a `tools/call` as they were written: a payload travels byte for byte, and a number
 * that was parsed and written again may be another one. Undefined when there are none. Throws a
 * ProtocolError when the body nests deeper than a payload may: what cannot be handed on is refused.
 */
export function findArguments(body: Uint8Array, requestId: string | number): JsonBytes | undefined {
  const request = findRequest(body, requestId)
  const params = request && findMember(request, 'params')
  return params && findMember(params, 'arguments')
}

const SPACE = 0x20
const OPEN_ARRAY = 0x5b
const OPEN_OBJECT = 0x7b

function firstByte(json: Uint8Array): number | undefined {
  return json.find((byte) => byte > SPACE)
}

/** The body itself, or the one of a batch (revision 2025-03-26) that has this id. */
function findRequest(body: Uint8Array, requestId: string | number): Uint8Array | undefined {
  if (firstByte(body) !== OPEN_ARRAY) return body
  const batch = scanArray(body, MAX_MEMBERS)
  if (!batch.ok) throw refuse(batch.failure)
  return batch.value.find((item) => {
    const id = findMember(item, 'id')
    return id !== undefined && parseJson(id) === requestId
  })
}

/** The last one of that name, as JSON.parse takes it. */
function findMember(object: Uint8Array, name: string): JsonBytes | undefined {
  const scanned = scanObject(object, 1)
  if (!scanned.ok) {
    // Of another kind than the one that is looked for: there is no such member.
    if (firstByte(object) !== OPEN_OBJECT) return undefined
    throw refuse(scanned.failure)
  }
  return scanned.value.findLast((member) => member.name === name)?.value
}

function refuse({ reason }: ScanFailure): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, `The request cannot be read: ${reason}`)
}
