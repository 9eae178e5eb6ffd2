/**
 * Checks the Python runtime with mypy and ruff, in a virtual environment of the repository. Where
 * there is no Python, no pip or no network, it says so and is skipped; with `CI` set it fails then.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'

const folder = 'packages/runtime-python'
const requirements = `${folder}/requirements-dev.txt`
const venv = resolve('node_modules/.asya-python')
const stampPath = `${venv}/asya-stamp`

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} [cwd]
 */
function run(command, args, cwd = '.') {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', cwd })
  return { ok: status === 0, said: `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`.trim() }
}

/** Installs the tools; what stands in the way when that cannot be. */
function install() {
  const stamp = createHash('sha256').update(readFileSync(requirements)).digest('hex')
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp) return undefined
  rmSync(venv, { recursive: true, force: true })
  const made = run('python3', ['-m', 'venv', venv])
  if (!made.ok) return `python3 -m venv: ${made.said}`
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]
  const installed = run(`${venv}/bin/python`, pip)
  if (!installed.ok) return `pip install: ${installed.said}`
  writeFileSync(stampPath, stamp)
  return undefined
}

/** @param {string} name */
function tool(name) {
  return resolve(venv, 'bin', name)
}

const obstacle = install()
if (obstacle !== undefined) {
  console.log(`asya.py is not checked by mypy and ruff: ${obstacle.split('\n').at(-1)}`)
  process.exitCode = process.env['CI'] ? 1 : 0
} else {
  const checks = [
    run(tool('mypy'), ['asya.py'], folder),
    run(tool('ruff'), ['check', '--quiet', '.'], folder),
    run(tool('ruff'), ['format', '--check', '--quiet', '.'], folder),
  ]
  for (const { ok, said } of checks) if (!ok) console.error(said || 'ruff format: run it')
  process.exitCode = checks.every(({ ok }) => ok) ? 0 : 1
}
