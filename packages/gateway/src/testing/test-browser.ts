import axe from 'axe-core'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'

/** A page that remembers what went wrong in it. */
export interface TestPage {
  readonly page: Page
  /** What the console and the security policy complained of, and errors that nobody caught. */
  readonly complaints: string[]
}

export interface TestBrowser {
  open(url: string, options?: BrowserContextOptions): Promise<TestPage>
  /** Closes all pages. */
  closePages(): Promise<void>
  close(): Promise<void>
}

export async function startBrowser(executablePath: string): Promise<TestBrowser> {
  const browser: Browser = await chromium.launch({
    executablePath,
    // As root Chromium has no sandbox; the pages are ours.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  })
  return {
    open: async (url, options) => {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 900 },
        ...options,
      })
      const page = await context.newPage()
      page.setDefaultTimeout(20_000)
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text())
      })
      await page.goto(url)
      return { page, complaints }
    },
    closePages: async () => {
      for (const context of browser.contexts()) await context.close()
    },
    close: () => browser.close(),
  }
}

/** Resolves when the page has shown what it was told. */
export async function waitUntilShown(page: Page): Promise<void> {
  const twoFrames = 'new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))'
  await page.evaluate(twoFrames)
  await page.locator('[aria-busy=true]').waitFor({ state: 'detached' })
  await page.locator('h1').waitFor()
  await page.evaluate(twoFrames)
}

/** The rules of WCAG 2.2 AA, and what axe-core advises, that a page breaks; with the elements. */
export async function findViolations(page: Page): Promise<readonly string[]> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(axe.source)
  const run = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
    .flatMap(({ id, impact, nodes }) => nodes.map((node) => impact + ' ' + id + ': ' + node.html.slice(0, 200))))`
  return page.evaluate<readonly string[]>(run)
}
