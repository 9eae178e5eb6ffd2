import type { Command } from 'commander'
import { followJob } from '../call/call-pipeline.ts'
import { printEnds } from '../call/print-ends.ts'
import { requireDevClient } from '../client/dev-client.ts'
import { findError, listErrors, showId, type KeptError } from '../dev/kept-errors.ts'
import { CommandError, UsageError } from '../errors.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { findProjectDir } from '../project/find-files.ts'
import { explainUnknown } from '../suggest.ts'
import { formatError, formatErrors } from '../view/error-text.ts'
import { createPaint } from '../view/paint.ts'

interface ErrorsOptions {
  readonly dir?: string
}

const EXAMPLES = `
Examples:
  asya errors ls
  asya errors show k3f9x2ab
  asya errors replay k3f9x2ab`

const ID = 'id of the message or of its job; its beginning is enough'

/** `asya errors`: messages that failed, which error-end keeps. */
export function addErrorsCommand(program: Command): void {
  const errors = program
    .command('errors')
    .summary('list, show and replay messages that failed')
    .description('Messages that failed for good are kept, with their errors, in .asya/kept.')
    .addHelpText('after', EXAMPLES)
  errors
    .command('ls')
    .description('Lists the messages that failed, newest first.')
    .option('-C, --dir <path>', 'the project; else it is the one around this folder')
    .addHelpText('after', '\nExample:\n  asya errors ls')
    .action(runLs)
  errors
    .command('show')
    .description('Shows an error with its message: what failed, where, and on which payload.')
    .argument('<id>', ID)
    .option('-C, --dir <path>', 'the project; else it is the one around this folder')
    .addHelpText('after', '\nExample:\n  asya errors show k3f9x2ab')
    .action(runShow)
  errors
    .command('replay')
    .description(
      'Sends a message that failed to the step at which it did, as a job of its own. Needs a ' +
        'running asya dev. The error is forgotten; if its message fails again, it is kept anew.',
    )
    .argument('<id>', ID)
    .option('-C, --dir <path>', 'the project; else it is the one around this folder')
    .addHelpText('after', '\nExample:\n  asya errors replay k3f9x2ab')
    .action(runReplay)
}

async function runLs({ dir }: ErrorsOptions): Promise<void> {
  const kept = await listErrors(findProjectDir(dir))
  const columns = process.stdout.isTTY ? process.stdout.columns : undefined
  for (const line of formatErrors(kept, createPaint(process.stdout), columns))
    process.stdout.write(`${line}\n`)
}

async function runShow(id: string, { dir }: ErrorsOptions): Promise<void> {
  const kept = await requireError(findProjectDir(dir), id)
  process.stdout.write(`${formatError(kept, createPaint(process.stdout))}\n`)
}

async function runReplay(id: string, { dir }: ErrorsOptions): Promise<void> {
  const projectDir = findProjectDir(dir)
  const kept = await requireError(projectDir, id)
  const client = await requireDevClient(projectDir)
  const started = await client.replay(kept.id)
  if (started?.type !== 'started')
    throw new CommandError(
      `${showId(kept.id)} cannot be replayed: ` +
        (started?.type === 'refused' ? started.reason : 'it is kept no more'),
    )
  const { pipeline, job_id: jobId } = started
  const interrupt = listenForInterrupt()
  const startedAt = performance.now()
  try {
    const end = await followJob(
      { pipeline, jobId },
      {
        client,
        signal: interrupt.signal,
        progress: { stream: process.stderr, paint: createPaint(process.stderr) },
      },
    )
    await printEnds([end], { pipeline, tookMs: performance.now() - startedAt, output: undefined })
    interrupt.signal.throwIfAborted()
  } finally {
    interrupt.stop()
  }
}

async function requireError(projectDir: string, id: string): Promise<KeptError> {
  const found = await findError(projectDir, id)
  switch (found.type) {
    case 'found':
      return found.kept
    case 'ambiguous': {
      const ids = found.matches.map((kept) => showId(kept.id))
      throw new UsageError(`"${id}" is the beginning of several: ${ids.join(', ')}`)
    }
    case 'unknown': {
      const known = found.all.flatMap(({ id: own, jobId }) => [
        showId(own),
        ...(jobId ? [jobId] : []),
      ])
      throw new UsageError(explainUnknown('error', id, [...new Set(known)]))
    }
  }
}
