import { containerScannerWasm } from './container-scanner.wasm.ts'

/**
 * Finds where an object or array ends (container-scanner.wat). One instance for the thread: a scan is
 * never interrupted by another one.
 */

/** What is wrong with a container; an offset is 0 or more. */
export const TOO_DEEP = -1
export const MISMATCHED = -2
export const STRAY_BACKSLASH = -3
export const UNCLOSED = -4

/** What is used of it here: the types of Node leave it to those of browsers. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

interface Scanner {
  readonly memory: { readonly buffer: ArrayBuffer }
  begin(maxDepth: number): void
  scan(length: number): number
}

/** Where the bytes to be scanned lie in the scanner's memory, and how many fit. */
const CHUNK_OFFSET = 1024
const CHUNK_BYTES = 64 * 1024
const BLOCK_BYTES = 64
const SPACE = 0x20

interface Loaded {
  readonly scanner: Scanner
  readonly memory: Uint8Array
}

let loaded: Loaded | undefined

/** Made for the first scan: an idle actor saves 0.4 MiB. */
function load(): Loaded {
  const module = new WebAssembly.Module(Buffer.from(containerScannerWasm, 'base64'))
  // What the module exports is written in its source.
  const scanner = new WebAssembly.Instance(module).exports as Scanner
  return { scanner, memory: new Uint8Array(scanner.memory.buffer) }
}

/** `start` is an opening bracket; returns the offset after its partner, or what is wrong. */
export function skipContainer(bytes: Uint8Array, start: number, maxDepth: number): number {
  const { scanner, memory } = (loaded ??= load())
  scanner.begin(maxDepth)
  for (let at = start, chunkBytes = FIRST_CHUNK_BYTES; at < bytes.length;) {
    const chunk = bytes.subarray(at, at + chunkBytes)
    memory.set(chunk, CHUNK_OFFSET)
    const scanned = Math.ceil(chunk.length / BLOCK_BYTES) * BLOCK_BYTES
    // A call of fill() takes longer for so few.
    for (let tail = chunk.length; tail < scanned; tail++) memory[CHUNK_OFFSET + tail] = SPACE
    const end = scanner.scan(scanned)
    if (end !== 0) return end < 0 ? end : at + end
    at += chunk.length
    chunkBytes = CHUNK_BYTES
  }
  return UNCLOSED
}

/** A small container in a large message should not cost the copy of what follows it. */
const FIRST_CHUNK_BYTES = 2 * 1024
