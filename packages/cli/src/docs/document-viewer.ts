import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { DocumentViewer } from './write-page.ts'

const require = createRequire(import.meta.url)

/**
 * The AsyncAPI React component with all that it needs, as one script for a browser: it parses and
 * renders there. Rendered here it would take 200 packages with a DOM among them into everybody's
 * installation, and what it makes does not open and close without the same script.
 */
export function readViewer(): DocumentViewer {
  return {
    script: read('standalone.js', () =>
      require.resolve('@asyncapi/react-component/browser/standalone/index.js'),
    ),
    style: read('default.min.css', () =>
      require.resolve('@asyncapi/react-component/styles/default.min.css'),
    ),
  }
}

/** The build puts the files beside this one; else they lie in their package. */
function read(name: string, findSource: () => string): string {
  const built = fileURLToPath(new URL(`./asyncapi-react/${name}`, import.meta.url))
  return readFileSync(existsSync(built) ? built : findSource(), 'utf8')
}
