import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emitAll, type Model } from '@asya/compiler'
import { afterAll, describe, expect, test } from 'vitest'
import { readDocsModel, type DocsModel } from './docs-model.ts'
import { readViewer } from './document-viewer.ts'
import { writePage } from './write-page.ts'

const declared = { file: 'actors.ts', line: 1, column: 1 }
const page = { schema: { $ref: '#/components/schemas/Page' }, typeText: 'Page' }
const verdict = { schema: { $ref: '#/components/schemas/Verdict' }, typeText: 'Verdict' }

const model: Model = {
  project: { name: '@acme/triage', version: '1.2.3' },
  actors: [
    {
      name: 'classify',
      kind: 'node',
      queue: 'classify',
      description: 'Says what a page is. See <script>alert(1)</script> & `a < b`.',
      declared,
      exportName: 'classify',
      input: page,
      output: verdict,
      cardinality: 'optional',
      settings: {},
    },
    {
      name: 'split-pages',
      kind: 'node',
      queue: 'split-pages',
      description: 'Splits a document.',
      declared,
      exportName: 'splitPages',
      input: page,
      output: page,
      cardinality: 'many',
      settings: {},
    },
  ],
  pipelines: [
    {
      name: 'triage',
      description: 'Sorts what comes in.',
      declared,
      exportName: 'triage',
      steps: ['split-pages', 'classify'],
      timeoutMs: 120_000,
    },
  ],
  schemas: {
    Page: {
      type: 'object',
      description: 'A page </script> of a document.',
      required: ['text'],
      properties: {
        text: { type: 'string', minLength: 1, description: 'What is written on it.' },
        inside: { type: 'array', items: { $ref: '#/components/schemas/Page' } },
      },
    },
    Verdict: {
      type: 'object',
      required: ['kind'],
      properties: { kind: { type: 'string', enum: ['ham', 'spam'] } },
    },
  },
}

function read(): DocsModel {
  return readDocsModel(
    emitAll(model)
      .filter(({ path }) => path.startsWith('asyncapi/'))
      .map(({ path, content }) => ({ link: path, isWritten: true, text: content })),
  )
}

const withoutViewer = { script: '', style: '' }

describe('The page', () => {
  const html = writePage(read(), withoutViewer)

  test('names and describes every pipeline, actor and type, and links to their documents.', () => {
    for (const text of [
      '<h1>@acme/triage</h1>',
      'id="pipeline-triage"',
      'Sorts what comes in.',
      'id="actor-split-pages"',
      'Splits a document.',
      'id="type-Page"',
      'What is written on it.',
      'href="asyncapi/actors/classify.yaml"',
      '2 min',
    ])
      expect(html).toContain(text)
  })

  test('draws the steps, and that one of them fans out.', () => {
    expect(html).toContain('aria-label="triage: split-pages, then classify"')
    expect(html).toMatch(/<a href="#actor-split-pages"><rect[^>]*>/)
    expect(html).toContain('>many</text>')
    expect(html).toContain('>0 or 1</text>')
  })

  test('shows what authors wrote as text, whatever it looks like.', () => {
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; <code>a &lt; b</code>')
    expect(html).not.toContain('<script>alert(1)')
  })

  test('has no link inside of what is one thing to a screen reader: a picture, what opens and closes.', () => {
    expect(html).toContain('<summary>')
    expect(html).not.toMatch(/<summary>(?:(?!<\/summary>).)*<a /s)
    expect(html).not.toMatch(/role="img"(?:(?!<\/svg>).)*<a /s)
  })

  test('is the same for the same documents.', () => {
    expect(writePage(read(), withoutViewer)).toBe(html)
  })

  test('leads nowhere but into itself and to its documents.', () => {
    const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
    const links = [...html.matchAll(/ href="([^"]+)"/g)].map(([, link]) => link ?? '')
    const lost = links.filter((link) =>
      link.startsWith('#') ? !ids.has(link.slice(1)) : !/^(asyncapi\/|data:,)/.test(link),
    )
    expect(lost).toEqual([])
  })
})

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

const browser = BROWSERS.find((name) => spawnSync(name, ['--version']).status === 0)
if (browser === undefined)
  console.warn(`skipped: the page in a browser, for there is none of ${BROWSERS.join(', ')}`)

describe.skipIf(browser === undefined)('In a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'asya-docs-'))

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  test('a document opens in its place, from a file, without an error on the console.', () => {
    const html = writePage(read(), readViewer())
    const at = html.lastIndexOf('</body>')
    const open = '<script>document.querySelector("#pipeline-triage details").open = true</script>'
    const path = join(folder, 'docs.html')
    writeFileSync(path, html.slice(0, at) + open + html.slice(at))
    const { stdout, stderr } = spawnSync(
      browser ?? '',
      [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        `--user-data-dir=${join(folder, 'profile')}`,
        '--enable-logging=stderr',
        '--virtual-time-budget=20000',
        '--dump-dom',
        `file://${path}`,
      ],
      { encoding: 'utf8', timeout: 110_000, maxBuffer: 2 ** 27 },
    )
    const said = stderr.split('\n').filter((line) => line.includes('CONSOLE'))
    expect(said).toEqual([])
    const [, shown = ''] =
      /<details data-document="asyncapi\/pipelines[^>]*open[^>]*>(.*?)<\/details>/s.exec(stdout) ??
      []
    expect(shown).toContain('aui-root')
    expect(shown).toContain('Sorts what comes in.')
    expect(shown).toContain('split-pages.receive')
  }, 120_000)
})
