import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { StoredActor } from '@asya/operator/desired'
import { parse } from 'yaml'
import type { Image } from './node.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The actor `greet` of the example hello, as it was built: its resource and its image. */
export interface Greeter {
  readonly actor: StoredActor
  readonly image: Image
}

/**
 * Builds the example. On top of its image lies a handler that waits before it calls the built one:
 * for START_MS when it is loaded, for PACE_MS with each message, and as long as the file HOLD is
 * there, of which it says by HOLD.begun that it has seen it. Beside it lies `paced.greet` in Python.
 */
export function buildGreeter(folder: string): Greeter {
  const out = join(folder, 'generated')
  const args = [join(ROOT, 'packages/cli/bin/asya.js'), 'build', '--out', out]
  const cwd = join(ROOT, 'examples/hello')
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  const app = join(folder, 'app')
  mkdirSync(app)
  cpSync(join(out, 'bundles/greet'), app, { recursive: true })
  cpSync(join(out, 'guards/greet.mjs'), join(app, 'guard.mjs'))
  renameSync(join(app, 'handler.mjs'), join(app, 'built.mjs'))
  writeFileSync(join(app, 'handler.mjs'), PACED)
  writeFileSync(join(app, 'paced.py'), PACED_PYTHON)
  const actor = parse(readFileSync(join(out, 'kubernetes/greet.yaml'), 'utf8')) as StoredActor
  return {
    actor: { ...actor, metadata: { ...actor.metadata, namespace: 'hello', uid: 'of-greet' } },
    image: {
      entrypoint: [process.execPath, join(ROOT, 'packages/runtime-node/dist/main.js')],
      workingDirectory: app,
      env: { ASYA_HANDLER: join(app, 'handler.mjs#greet'), ASYA_GUARD: join(app, 'guard.mjs') },
    },
  }
}

/** What the operator puts beside each runtime. */
export const sidecarImage: Image = {
  entrypoint: [process.execPath, join(ROOT, 'packages/sidecar/dist/main.js')],
  workingDirectory: ROOT,
  env: {},
}

const PACED = `
import { existsSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { greet as built } from './built.mjs'

const { START_MS = '0', PACE_MS = '0', HOLD } = process.env
await sleep(Number(START_MS))

async function process_(person, ctx) {
  await sleep(Number(PACE_MS))
  while (HOLD !== undefined && existsSync(HOLD)) {
    writeFileSync(HOLD + '.begun', '')
    await sleep(20)
  }
  return built.process(person, ctx)
}

export const greet = { ...built, process: process_ }
`

const PACED_PYTHON = `
import os
import time


def greet(person):
    time.sleep(int(os.environ["PACE_MS"]) / 1000)
    return {"text": f"Hello, {person['name']}!"}
`
