import { spawnSync } from 'node:child_process'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/**
 * The path of a Chromium of this machine. As root one is installed by the system's package manager if
 * there is none; undefined, with a line that says so, where that cannot be done.
 */
export function findBrowser(): string | undefined {
  const found = look() ?? (install() ? look() : undefined)
  if (found === undefined)
    console.warn('no Chromium on the PATH: the tests that need a browser are left out')
  return found
}

function look(): string | undefined {
  for (const name of NAMES) {
    const { stdout, status } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' })
    if (status === 0 && stdout.trim() !== '') return stdout.trim()
  }
  return undefined
}

function install(): boolean {
  if (process.getuid?.() !== 0) return false
  const options = { stdio: 'ignore', timeout: 300_000 } as const
  const run = (): boolean =>
    spawnSync('apt-get', ['install', '--yes', '--no-install-recommends', 'chromium'], options)
      .status === 0
  return run() || (spawnSync('apt-get', ['update'], options).status === 0 && run())
}
