import type { Paint } from './paint.ts'
import { padText, toPlainText } from './plain-text.ts'

/** How far a job is; nothing is known while it waits. */
export interface Progress {
  readonly percent?: number | undefined
  readonly step?: string | undefined
  /** From 0. */
  readonly stepIndex?: number | undefined
  readonly totalSteps?: number | undefined
  readonly message?: string | undefined
}

const BAR_COLUMNS = 20

/** `━━━━━━━━━━──────────  50%  2/3 split-paragraphs  reading a.png` */
export function formatProgress(progress: Progress, paint: Paint): string {
  if (progress.step === undefined) return paint('dim', 'waiting')
  const { percent = 0, message } = progress
  const filled = Math.round((BAR_COLUMNS * percent) / 100)
  const bar = paint('blue', '━'.repeat(filled)) + paint('dim', '─'.repeat(BAR_COLUMNS - filled))
  const said = message === undefined ? '' : `  ${paint('dim', toPlainText(message))}`
  return `${bar} ${padText(`${percent}%`, 4, 'start')}  ${formatStep(progress)}${said}`
}

/** `2/3 split-paragraphs` */
export function formatStep({ step = '', stepIndex = 0, totalSteps = 1 }: Progress): string {
  return `${stepIndex + 1}/${totalSteps} ${step}`
}
