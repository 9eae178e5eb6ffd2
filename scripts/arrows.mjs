/**
 * The one statement of who may import whom. dependency-cruiser's rules are made from it, and
 * `check-arrows.mjs` proves that package.json, tsconfig.json and ARCHITECTURE.md say the same.
 *
 * @typedef {object} Arrow
 * @property {number} layer
 * @property {string} name the folder below `packages/`
 * @property {readonly string[] | 'all'} mayImport folders below `packages/`
 */

/** @type {readonly Arrow[]} */
export const arrows = [
  { layer: 0, name: 'protocol', mayImport: [] },
  { layer: 0, name: 'service', mayImport: [] },
  { layer: 1, name: 'sdk', mayImport: ['protocol'] },
  { layer: 1, name: 'transport', mayImport: ['protocol', 'service'] },
  { layer: 2, name: 'conformance', mayImport: ['protocol', 'transport'] },
  { layer: 2, name: 'compiler', mayImport: ['protocol'] },
  { layer: 2, name: 'runtime-node', mayImport: ['sdk', 'protocol', 'service'] },
  { layer: 2, name: 'runtime-python', mayImport: [] },
  { layer: 2, name: 'sidecar', mayImport: ['protocol', 'service', 'transport'] },
  { layer: 2, name: 'gateway', mayImport: ['protocol', 'service', 'transport'] },
  { layer: 2, name: 'operator', mayImport: ['protocol', 'service'] },
  { layer: 2, name: 'end-actors', mayImport: ['sdk'] },
  { layer: 2, name: 'starter', mayImport: ['sdk'] },
  { layer: 3, name: 'create-asya', mayImport: 'all' },
  { layer: 3, name: 'cli', mayImport: 'all' },
]

/** Examples are what an author writes: of this repository they see these packages alone. */
export const examplesMayImport = ['sdk']

/**
 * The folders that a package may import, with `all` written out: every package of a lower layer.
 *
 * @param {Arrow} arrow
 */
export function listImports({ layer, mayImport }) {
  if (mayImport !== 'all') return mayImport
  return arrows.filter((other) => other.layer < layer).map((other) => other.name)
}
