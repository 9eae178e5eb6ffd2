import { createHash } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bytesToText } from '@asya/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { compileCheck } from '../tools/check-arguments.ts'
import { findBrowser } from '../testing/find-browser.ts'
import {
  findViolations,
  startBrowser,
  type TestBrowser,
  type TestPage,
  waitUntilShown,
} from '../testing/test-browser.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { makeTool, startTestGateway, type TestGateway } from '../testing/test-gateway.ts'

const HOSTILE = `</script><img src=x onerror="window.hacked=1"><svg onload="window.hacked=2">`

const HOSTILE_JSON = JSON.stringify(HOSTILE)

const SCHEMA = {
  type: 'object',
  required: ['url', 'pages', 'source'],
  additionalProperties: false,
  properties: {
    url: { type: 'string', format: 'uri', description: 'Where the document is.' },
    pages: { type: 'integer', minimum: 1, maximum: 500 },
    mode: { enum: ['fast', 'thorough'] },
    languages: { type: 'array', items: { type: 'string' }, maxItems: 3 },
    urgent: { type: 'boolean' },
    options: {
      type: 'object',
      required: ['threshold'],
      properties: { threshold: { type: 'number', maximum: 1 } },
    },
    source: {
      anyOf: [
        {
          title: 'Upload',
          type: 'object',
          required: ['kind', 'name'],
          properties: { kind: { const: 'upload' }, name: { type: 'string', pattern: '^[a-z.]+$' } },
        },
        {
          title: 'Web',
          type: 'object',
          required: ['kind'],
          properties: { kind: { const: 'web' } },
        },
      ],
    },
  },
}

const TOOLS = [
  makeTool('greet', ['hello', 'shout']),
  makeTool('triage', ['read', 'split', 'analyse'], {
    description: `Reads pages. ${HOSTILE}`,
    results: 'many',
    inputSchema: SCHEMA,
    toPayload: compileCheck(SCHEMA, undefined),
  }),
]

const TOKENS: Readonly<Record<string, string>> = {
  alice: `asya_${'a'.repeat(43)}`,
  bob: `asya_${'b'.repeat(43)}`,
}

const executable = findBrowser()

let database: TestDatabase
let gateway: TestGateway
let browser: TestBrowser

beforeAll(async () => {
  if (executable === undefined) return
  database = await createTestDatabase(inject('postgresUrl'))
  gateway = await startTestGateway({ databaseUrl: database.url })
  gateway.gateway.tools.replace(TOOLS)
  browser = await startBrowser(executable)
})

afterEach(async () => {
  if (executable === undefined) return
  await browser.closePages()
  await database.query('truncate jobs cascade')
})

afterAll(async () => {
  if (executable === undefined) return
  await browser.close()
  await gateway.close()
  await database.close()
})

/** Others may be at work on this machine. */
const PATIENCE_MS = 20_000

vi.setConfig({ testTimeout: 180_000 })

function poll<T>(read: () => Promise<T> | T) {
  return expect.poll(read, { timeout: PATIENCE_MS })
}

async function post(path: string, body: unknown): Promise<{ job_id: string }> {
  const response = await fetch(gateway.url + path, { method: 'POST', body: JSON.stringify(body) })
  return (await response.json()) as { job_id: string }
}

async function call(name = 'greet', args: unknown = { name: 'Ada' }): Promise<string> {
  return (await post('/tools/call', { name, arguments: args })).job_id
}

function tell(id: string, index: number, more: object): Promise<unknown> {
  const step = ['hello', 'shout'][index] ?? 'other'
  const place = { step, step_index: index, total_steps: 2, actor_name: step }
  return post(`/jobs/${id}/progress`, { ...place, ...more })
}

async function takeStep(id: string, index: number): Promise<void> {
  await tell(id, index, { status: 'received' })
  await tell(id, index, { status: 'completed', duration_ms: 1500 })
}

function succeed(id: string, result: unknown, branch: unknown = []): Promise<unknown> {
  return post(`/jobs/${id}/final`, { status: 'succeeded', branch, result })
}

function fail(id: string, error: object, branch: unknown = []): Promise<unknown> {
  return post(`/jobs/${id}/final`, { status: 'failed', branch, error })
}

function open(hash: string, options?: Parameters<TestBrowser['open']>[1]): Promise<TestPage> {
  return browser.open(`${gateway.url}/${hash}`, options)
}

describe.skipIf(executable === undefined)('The list of jobs', () => {
  it('can be filtered by state, pipeline and text, and leads to each job', async () => {
    const [good, bad] = [await call(), await call()]
    const other = await call('triage', { url: 'a:b', pages: 1, source: { kind: 'web' } })
    await succeed(good, 1)
    await fail(bad, { type: 'processing_error', step: 'shout', message: 'the voice gave out' })
    const { page, complaints } = await open('')
    const rows = page.locator('tbody tr')
    await poll(() => rows.count()).toBe(3)
    const failed = page.getByRole('button', { name: /^failed/ })
    await failed.click()
    await poll(() => rows.count()).toBe(1)
    expect(await rows.innerText()).toContain(bad.slice(0, 8))
    expect(page.url()).toContain('state=failed')
    await failed.click()
    await page.getByLabel('Pipeline').selectOption('triage')
    await poll(() => rows.allInnerTexts()).toEqual([expect.stringContaining(other.slice(0, 8))])
    await page.getByLabel('Pipeline').selectOption('')
    await page.getByLabel(/^Search/).fill('gave out')
    await poll(() => rows.allInnerTexts()).toEqual([expect.stringContaining(bad.slice(0, 8))])
    await page.getByLabel(/^Search/).fill('no such text')
    await page.getByText('No job matches').waitFor()
    await page.getByRole('link', { name: 'Show all jobs' }).click()
    await page.getByRole('link', { name: good.slice(0, 8) }).click()
    await page.getByRole('heading', { name: /greet.*succeeded/ }).waitFor()
    await page.goBack()
    await poll(() => rows.count()).toBe(3)
    expect(complaints).toEqual([])
  })

  it('changes in place, and shows new jobs only when it is asked to', async () => {
    const id = await call()
    const { page, complaints } = await open('')
    const rows = page.locator('tbody tr')
    await rows.first().waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
    await page.evaluate(`window.shifts = 0; new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.shifts += entry.value
    }).observe({ type: 'layout-shift' })`)
    await tell(id, 0, { status: 'processing', percent: 50 })
    await poll(() => rows.first().innerText()).toContain('running')
    await call()
    const news = page.getByRole('button', { name: '1 new job: show' })
    await news.waitFor()
    expect(await rows.count()).toBe(1)
    expect(await page.evaluate('window.shifts')).toBe(0)
    await news.click()
    await poll(() => rows.count()).toBe(2)
    await page.getByLabel('Show new jobs as they come').check()
    await call()
    await poll(() => rows.count()).toBe(3)
    expect(complaints).toEqual([])
  })

  it('has 10,000 jobs in pages, and finds one among them', async () => {
    await database.query(`
      insert into jobs (id, tool, principal, state, route, payload, is_partial, created_at, started_at,
        ended_at, deadline_at, seq, errors)
      select lpad(n::text, 8, '0') || '-0000-4000-8000-000000000000', case when n % 3 = 0 then 'triage' else 'greet' end, '',
        case when n % 10 = 0 then 'failed' else 'succeeded' end, '{a,b}', '{}', false,
        now() - n * interval '1 second', now(), now(), now(), 1,
        case when n = 9990 then convert_to('[{"message":"needle"}]', 'UTF8') end
      from generate_series(1, 10000) n`)
    const { page, complaints } = await open('')
    const rows = page.locator('tbody tr')
    await poll(() => rows.count()).toBe(50)
    await page.getByRole('link', { name: 'Older' }).click()
    await poll(() => rows.first().innerText()).toContain('00000051')
    await page.getByRole('link', { name: 'Newest' }).click()
    await poll(() => rows.first().innerText()).toContain('00000001')
    await page.getByLabel(/^Search/).fill('needle')
    await poll(() => rows.allInnerTexts()).toEqual([expect.stringContaining('00009990')])
    await page.getByRole('button', { name: /^succeeded/ }).click()
    await page.getByText('No job matches').waitFor()
    expect(complaints).toEqual([])
  })
})

describe.skipIf(executable === undefined)('The page of a job', () => {
  it('follows it live to its end, step by step', async () => {
    const id = await call()
    const { page, complaints } = await open(`#/jobs/${id}`)
    await page.getByRole('heading', { name: /greet.*pending/ }).waitFor()
    await tell(id, 0, { status: 'received' })
    await tell(id, 0, { status: 'processing', percent: 40, message: 'thinking of Ada' })
    const row = page.getByRole('row', { name: /hello/ })
    await poll(() => row.innerText()).toMatch(/working · 40 % · thinking of Ada/)
    await tell(id, 0, { status: 'completed', duration_ms: 1500 })
    await poll(() => row.innerText()).toMatch(/done[^]*1\.5 s/)
    await takeStep(id, 1)
    await succeed(id, { text: 'HELLO', n: 9007199254740993.5 })
    await page.getByRole('heading', { name: /greet.*succeeded/ }).waitFor()
    await poll(() => page.getByRole('status').innerText()).toBe('greet succeeded')
    expect(await page.getByLabel('Input').locator('visible=true').first().innerText()).toContain(
      '"name": "Ada"',
    )
    await poll(() => page.locator('pre[aria-label^=Results]').innerText()).toContain(
      '"text": "HELLO"',
    )
    expect(complaints).toEqual([])
  })

  it('shows what came to a step and what left it, as it goes on', async () => {
    const id = await call()
    const payloadsOf = (branch: string, ...texts: string[]): object => {
      const excerpts = texts.map((text) => ({ text, bytes: text.length }))
      return { payloads: { branch, excerpts, count: texts.length } }
    }
    await tell(id, 0, { status: 'received', ...payloadsOf('', '{"name":"Ada"}') })
    const { page, complaints } = await open(`#/jobs/${id}`)
    await page.locator('summary', { hasText: 'hello' }).click()
    await poll(() => page.getByLabel('Before hello').innerText()).toContain('"name": "Ada"')
    await page.getByText('After hello: nothing was told').waitFor()
    await tell(id, 0, { status: 'completed', ...payloadsOf('', '"one"', HOSTILE_JSON) })
    await page.getByLabel('After hello, 1 of 2').waitFor()
    expect(await page.getByLabel('After hello, 2 of 2').innerText()).toContain('onerror')
    await page.locator('summary', { hasText: 'shout' }).click()
    await page.getByText('ASYA_REPORT_PAYLOADS=true').waitFor()
    for (const index of [10, 9])
      await tell(id, 1, { status: 'received', ...payloadsOf(`${index}.11.g`, `${index}`) })
    await poll(() => page.getByRole('heading', { level: 3 }).allInnerTexts()).toEqual([
      'Branch 9',
      'Branch 10',
    ])
    expect(await page.evaluate('window.hacked')).toBeUndefined()
    expect(await findViolations(page)).toEqual([])
    expect(complaints).toEqual([])
  })

  it('shows steps that were told of after its end', async () => {
    const id = await call()
    const { page, complaints } = await open(`#/jobs/${id}`)
    await page.getByRole('heading', { name: /greet.*pending/ }).waitFor()
    await succeed(id, 1)
    await page.getByRole('heading', { name: /greet.*succeeded/ }).waitFor()
    await takeStep(id, 0)
    const row = page.getByRole('row', { name: /hello/ })
    await poll(() => row.innerText()).toMatch(/done[^]*1\.5 s/)
    await takeStep(id, 1)
    await page.reload()
    await poll(() => page.getByRole('row', { name: /shout/ }).innerText()).toMatch(/done[^]*1\.5 s/)
    expect(complaints).toEqual([])
  })

  it('cancels it when that was confirmed, and runs it again', async () => {
    const id = await call()
    const { page, complaints } = await open(`#/jobs/${id}`)
    await page.getByRole('button', { name: 'Cancel job' }).click()
    const dialog = page.getByRole('dialog', { name: 'Cancel this job?' })
    await dialog.getByRole('button', { name: 'Let it run' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Cancel job' }).click()
    await dialog.getByRole('button', { name: 'Cancel job' }).click()
    await page.getByRole('heading', { name: /greet.*cancelled/ }).waitFor()
    expect(await page.getByRole('button', { name: 'Cancel job' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Replay' }).click()
    await page.getByRole('heading', { name: /greet.*pending/ }).waitFor()
    await page.getByRole('link', { name: id.slice(0, 8) }).waitFor()
    expect(page.url()).not.toContain(id)
    expect(complaints).toEqual([])
  })

  it('shows the fan-outs as a tree, with the end of each branch', async () => {
    const id = await call('triage', { url: 'a:b', pages: 1, source: { kind: 'web' } })
    await succeed(id, 'first', [[0, 3, 'g']])
    await fail(id, { type: 'timeout_error', step: 'analyse', message: 'no answer' }, [[1, 3, 'g']])
    await succeed(id, 'inner', [
      [2, 3, 'g'],
      [0, 2, 'h'],
    ])
    const { page, complaints } = await open(`#/jobs/${id}`)
    await page.getByText('2 of 3 ended').waitFor()
    await page.getByText('1 of 2 ended').waitFor()
    await page.getByRole('button', { name: 'Show error of branch 1' }).click()
    await page.getByText('no answer').waitFor()
    await page.getByRole('button', { name: 'Show result of branch 0' }).first().click()
    await page.getByText('"first"').waitFor()
    expect(complaints).toEqual([])
  })

  it('says why there are no payloads where they are off, and shows errors all the same', async () => {
    const closed = await startTestGateway({
      databaseUrl: database.url,
      dashboard: { showsPayloads: false },
    })
    const id = await call('greet', { name: 'a secret' })
    await fail(id, {
      type: 'processing_error',
      message: 'gave out',
      traceback: 'at x',
      payload: 'a secret',
    })
    const { page } = await browser.open(`${closed.url}/#/jobs/${id}`)
    await page.getByText('ASYA_DASHBOARD_PAYLOADS=true').waitFor()
    await page.getByText('gave out').waitFor()
    await page.getByText('at x').waitFor()
    expect(await page.content()).not.toContain('a secret')
    const answer = await fetch(`${closed.url}/dashboard/jobs/${id}`)
    expect(await answer.text()).not.toContain('a secret')
    expect((await fetch(`${closed.url}/dashboard/jobs/${id}/input`)).status).toBe(403)
    await closed.close()
  })
})

describe.skipIf(executable === undefined)('The form of a call', () => {
  it('says mistakes beside their fields, and calls when all is right', async () => {
    const { page, complaints } = await open('#/call/triage')
    await page.getByLabel('url').fill('https://example.org/a')
    await page.getByLabel('pages').fill('many')
    await page.getByRole('button', { name: 'Add languages' }).click()
    await page.getByRole('button', { name: 'Add to languages' }).click()
    await page.getByRole('button', { name: 'Add options' }).click()
    await page.getByLabel('threshold').fill('2')
    await page.getByRole('button', { name: 'Call', exact: true }).click()
    const pages = page.getByLabel('pages')
    await poll(() => pages.getAttribute('aria-invalid')).toBe('true')
    expect(await describedBy(page, pages)).toContain('is no number')
    expect(await describedBy(page, page.getByLabel('threshold'))).toContain('must be 1 or less')
    expect(await describedBy(page, page.getByLabel('languages 1'))).toContain('is missing')
    expect(await page.evaluate('document.activeElement.id')).toBe('field-pages')
    await pages.fill('12')
    await page.getByLabel('languages 1').fill('de')
    await page.getByLabel('threshold').fill('0.250')
    await page.getByLabel('name').fill('SHOUTED')
    await page.getByLabel('urgent').selectOption('no')
    await page.getByRole('button', { name: 'Call', exact: true }).click()
    // This one only the gateway finds.
    await poll(() => page.getByRole('alert').innerText()).toMatch(/pattern|no option|match/)
    await page.getByLabel('name').fill('scan.pdf')
    const taken = gateway.take('read')
    await page.getByRole('button', { name: 'Call', exact: true }).click()
    await page.getByRole('heading', { name: /triage.*pending/ }).waitFor()
    expect(bytesToText((await taken).payload)).toBe(
      '{"url":"https://example.org/a","pages":12,"languages":["de"],"urgent":false,' +
        '"options":{"threshold":0.250},"source":{"kind":"upload","name":"scan.pdf"}}',
    )
    // A refusal is an answer that the browser's console tells of, too.
    expect(complaints.filter((text) => !text.includes('400'))).toEqual([])
  })

  it('can be JSON instead, with every digit, and becomes a form again', async () => {
    const { page, complaints } = await open('#/call/triage')
    await page.getByRole('button', { name: 'JSON' }).click()
    const field = page.getByLabel('Arguments as JSON')
    await field.fill('{"url":')
    await page.getByRole('button', { name: 'Call', exact: true }).click()
    await poll(() => page.getByRole('alert').innerText()).toContain('This is no JSON')
    await field.fill(
      '{"url":"a:b","pages":3,"options":{"threshold":0.10000000000000000001},"source":{"kind":"web"}}',
    )
    await page.getByRole('button', { name: 'Form' }).click()
    expect(await page.getByLabel('threshold').inputValue()).toBe('0.10000000000000000001')
    const taken = gateway.take('read')
    await page.getByLabel('threshold').press('Control+Enter')
    expect(bytesToText((await taken).payload)).toContain('0.10000000000000000001')
    expect(complaints).toEqual([])
  })

  it('begins with the input of an earlier job', async () => {
    const id = await call('triage', { url: 'a:b', pages: 7, source: { kind: 'web' } })
    const { page } = await open(`#/jobs/${id}`)
    await page.getByRole('link', { name: 'Call again…' }).click()
    await poll(() => page.getByLabel('pages').inputValue()).toBe('7')
    expect(await page.getByLabel('Kind').inputValue()).toBe('1')
  })
})

async function describedBy(
  page: TestPage['page'],
  field: ReturnType<TestPage['page']['getByLabel']>,
): Promise<string> {
  const ids = (await field.getAttribute('aria-describedby')) ?? ''
  const texts = ids.split(' ').map((id) => page.locator(`[id="${id}"]`).innerText())
  return (await Promise.all(texts)).join(' ')
}

describe.skipIf(executable === undefined)('Whoever has only a keyboard', () => {
  it('skips to the list, opens a job, cancels it, and calls a pipeline', async () => {
    const id = await call()
    const { page, complaints } = await open('')
    await page.locator('tbody tr').waitFor()
    const press = (key: string): Promise<void> => page.keyboard.press(key)
    const focused = (): Promise<string> =>
      page.evaluate(
        'document.activeElement === document.body ? "" : document.activeElement.textContent + "|" + getComputedStyle(document.activeElement).outlineStyle',
      )
    const tabTo = async (text: string): Promise<void> => {
      for (let presses = 0; presses < 40; presses++) {
        await press('Tab')
        const now = await focused()
        expect(now, 'the focus can be seen').not.toContain('|none')
        if (now.includes(text)) return
      }
      throw new Error(`${text} is not reached by Tab`)
    }
    await press('Tab')
    expect(await focused()).toContain('Skip to the content')
    await press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('content')
    await tabTo(id.slice(0, 8))
    await press('Enter')
    await page.getByRole('heading', { name: /greet.*pending/ }).waitFor()
    await poll(() => page.evaluate('document.activeElement.tagName')).toBe('H1')
    await tabTo('Cancel job')
    await press('Enter')
    await page.getByRole('dialog').waitFor()
    expect(await focused()).toContain('Cancel job')
    await press('Escape')
    // It has left the page a moment after it is closed.
    await page.locator('dialog').waitFor({ state: 'detached' })
    expect(await focused()).toContain('Cancel job')
    await press('Enter')
    await page.getByRole('dialog').waitFor()
    await press('Enter')
    await page.getByRole('heading', { name: /greet.*cancelled/ }).waitFor()
    await tabTo('Pipelines')
    await press('Enter')
    await page.getByRole('heading', { name: 'Pipelines' }).waitFor()
    await tabTo('Call greet')
    await press('Enter')
    await page.getByLabel('Arguments as JSON').waitFor()
    await tabTo('')
    for (let presses = 0; presses < 40; presses++) {
      if (await page.evaluate('document.activeElement.id === "arguments-json"')) break
      await press('Tab')
    }
    await press('Control+Enter')
    await page.getByRole('heading', { name: /greet.*pending/ }).waitFor()
    expect(complaints).toEqual([])
  })
})

describe.skipIf(executable === undefined)('What is hostile', () => {
  it('is text, wherever it stands', async () => {
    const id = await call('greet', { [HOSTILE]: HOSTILE })
    await tell(id, 0, { status: 'received', step: HOSTILE, actor_name: HOSTILE, message: HOSTILE })
    await succeed(id, { [HOSTILE]: [HOSTILE] }, [[0, 2, 'g']])
    await fail(
      id,
      {
        type: HOSTILE,
        step: HOSTILE,
        message: HOSTILE,
        exception: HOSTILE,
        traceback: HOSTILE,
        [HOSTILE]: 1,
      },
      [[1, 2, 'g']],
    )
    const { page, complaints } = await open(`#/jobs/${id}`)
    await page.locator('.error', { hasText: '</script>' }).waitFor()
    await page.evaluate('document.querySelectorAll("details").forEach((it) => { it.open = true })')
    await page.getByRole('button', { name: 'Show result of branch 0' }).click()
    await page.locator('pre[aria-label=Result]').waitFor()
    const isHarmed = `typeof window.hacked + document.querySelectorAll('img, [onerror], [onload]').length`
    expect(await page.evaluate(isHarmed)).toBe('undefined0')
    for (const hash of [
      '#/jobs',
      '#/pipelines',
      '#/call/triage',
      `#/call/${encodeURIComponent(HOSTILE)}`,
    ]) {
      await page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
      await page.locator('h1').first().waitFor()
      await page.waitForTimeout(300)
      expect(await page.evaluate(isHarmed)).toBe('undefined0')
    }
    expect(complaints).toEqual([])
  })

  it('finds a policy that lets no other script run', async () => {
    const { headers } = await fetch(`${gateway.url}/`)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toContain('unsafe')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    const { page } = await open('')
    await page.locator('h1').waitFor()
    const run = `try { document.body.innerHTML = '<b>x</b>'; 'taken' } catch (error) { error.name }`
    expect(await page.evaluate(run)).toBe('TypeError')
  })
})

describe.skipIf(executable === undefined).each(['light', 'dark'] as const)(
  'In %s colours',
  (colorScheme) => {
    it('axe finds nothing wrong on any page, at a desk and on a phone', async () => {
      const good = await call()
      await takeStep(good, 0)
      const bad = await call()
      await fail(bad, {
        type: 'processing_error',
        step: 'shout',
        message: 'gave out',
        traceback: 'at x',
      })
      const fan = await call('triage', { url: 'a:b', pages: 1, source: { kind: 'web' } })
      await succeed(fan, 1, [[0, 2, 'g']])
      for (const viewport of [
        { width: 1280, height: 900 },
        { width: 360, height: 740 },
      ]) {
        const { page, complaints } = await open('', { colorScheme, viewport })
        const pages = [
          '#/jobs',
          '#/jobs?tool=none',
          `#/jobs/${good}`,
          `#/jobs/${bad}`,
          `#/jobs/${fan}`,
          '#/jobs/none',
        ]
        for (const hash of [
          ...pages,
          '#/pipelines',
          '#/call/triage',
          '#/call/greet',
          '#/nowhere',
        ]) {
          await page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
          await waitUntilShown(page)
          if (hash === '#/call/triage')
            await page.getByRole('button', { name: 'Call', exact: true }).click()
          expect(await findViolations(page), hash).toEqual([])
          const overflow =
            'document.documentElement.scrollWidth - document.documentElement.clientWidth'
          expect(await page.evaluate<number>(overflow), hash).toBeLessThanOrEqual(0)
        }
        expect(complaints.filter((text) => !text.includes('404'))).toEqual([])
        await page.context().close()
      }
    })
  },
)

describe.skipIf(executable === undefined)('A gateway', () => {
  it('that wants a token is sent the one that was given, and shows no jobs of others', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'asya-tokens-')), 'tokens.json')
    const tokens = ['alice', 'bob'].map((principal) => ({
      principal,
      hash: `sha256:${createHash('sha256')
        .update(TOKENS[principal] ?? '')
        .digest('hex')}`,
    }))
    await writeFile(path, JSON.stringify({ tokens }))
    const sites = { hosts: 'any' as const, origins: [], hasLocalOrigins: false }
    const closed = await startTestGateway({
      databaseUrl: database.url,
      security: { tokensPath: path, sites },
    })
    closed.gateway.tools.replace(TOOLS)
    const headers = { authorization: `Bearer ${TOKENS['alice']}` }
    const body = '{"name":"greet"}'
    const answer = await fetch(`${closed.url}/tools/call`, { method: 'POST', headers, body })
    const { job_id: id } = (await answer.json()) as { job_id: string }
    const { page } = await browser.open(closed.url)
    const give = async (token = ''): Promise<void> => {
      await page.getByLabel('Token').fill(token)
      await page.keyboard.press('Enter')
    }
    await give('wrong')
    await page.getByText('does not take this token').waitFor()
    expect(await findViolations(page)).toEqual([])
    await give(TOKENS['alice'])
    await page.getByRole('link', { name: id.slice(0, 8) }).waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
    const kept = 'JSON.stringify([localStorage.length, sessionStorage.length, document.cookie])'
    expect(await page.evaluate(kept)).toBe('[0,1,""]')
    await page.getByRole('button', { name: 'Forget token' }).click()
    await give(TOKENS['bob'])
    await page.getByText('No jobs yet').waitFor()
    await page.evaluate(`location.hash = '#/jobs/${id}'`)
    await page.getByText(/there is no job/).waitFor()
    await closed.close()
  })

  it('takes no call from a page of somebody else', async () => {
    const { page } = await browser.open('about:blank')
    const body = JSON.stringify({ name: 'greet' })
    for (const type of ['text/plain', 'application/json']) {
      const init = { method: 'POST', mode: 'no-cors', headers: { 'content-type': type }, body }
      const ask = `fetch('${gateway.url}/tools/call', ${JSON.stringify(init)}).then(() => '', () => '')`
      await page.evaluate(ask)
    }
    expect(await database.query('select id from jobs')).toEqual([])
  })

  it('that is away is said to be, and what was missed is shown when it is back', async () => {
    await call()
    const { page } = await open('')
    await page.locator('tbody tr').waitFor()
    await page.context().setOffline(true)
    await page.reload().catch(() => undefined)
    await page.context().setOffline(false)
    await page.goto(`${gateway.url}/`)
    await page.locator('tbody tr').waitFor()
    await page.route('**/jobs/stream', (route) => route.abort())
    await page.route(/\/jobs\?/, (route) => route.abort())
    await page.getByRole('button', { name: /^failed/ }).click()
    await page.getByText('The gateway does not answer').waitFor()
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('No job matches').waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
  })
})
