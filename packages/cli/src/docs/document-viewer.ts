import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { DocumentViewer } from './write-page.ts'

/**
 * The AsyncAPI React component with all that it needs, as one script for a browser: it parses and
 * renders there. Rendered here it would take 200 packages with a DOM among them into everybody's
 * installation, and what it makes does not open and close without the same script.
 */
export function readViewer(): DocumentViewer {
  return { script: read('standalone.js'), style: read('default.min.css') }
}

/** Where the files lie in the package, and in a build beside this one. */
const SOURCES = {
  'standalone.js': '@asyncapi/react-component/browser/standalone/index.js',
  'default.min.css': '@asyncapi/react-component/styles/default.min.css',
} as const

function read(name: keyof typeof SOURCES): string {
  const built = fileURLToPath(new URL(`./asyncapi-react/${name}`, import.meta.url))
  const path = existsSync(built) ? built : createRequire(import.meta.url).resolve(SOURCES[name])
  return readFileSync(path, 'utf8')
}
