/**
 * Messages are buffers, outside of the engine's heap, and the heap beside them is small. V8 starts a
 * collection of the whole heap whenever some 24 MiB of buffers were taken, however many of them are in
 * use: at 100 KB a message every thirty hops, which is half of the sidecar's CPU time. With this flag
 * the limit grows with the buffers in use. It came with V8 13 (Node 24): before, nothing changes.
 */
export function collectLessOften(): void {
  if (KNOWS_FLAG) setFlagsFromString('--external-memory-accounted-in-global-limit')
}

const { setFlagsFromString } = process.getBuiltinModule('node:v8')
const KNOWS_FLAG = Number.parseInt(process.versions.node) >= 24
