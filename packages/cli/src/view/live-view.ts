import { homedir } from 'node:os'
import { emitKeypressEvents } from 'node:readline'
import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import { drawDevScreen, orderJobs, type DevScreen } from './dev-screen.ts'
import { cutText } from './plain-text.ts'
import type { DevViewOptions } from './plain-view.ts'

const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l'
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l'
const HOME = '\u001b[H'
const CLEAR_LINE = '\u001b[2K'
const CLEAR_BELOW = '\u001b[J'
/** Terminals that know it show a frame when it is whole; the others ignore it. */
const BEGIN_FRAME = '\u001b[?2026h'
const END_FRAME = '\u001b[?2026l'

/** At most ten times a second, and only when something changed. */
const DRAW_MS = 100
const MAX_LOG_LINES = 200

/** A dev run on a screen of its own, which is left as it was found. Returns its end. */
export function showLive({ run, projectDir, paint, quit }: DevViewOptions): () => void {
  const { stdin, stdout } = process
  const startedAt = performance.now()
  let lastFrame = ''
  let isOpen = true

  const draw = (): void => {
    const screen: DevScreen = {
      ...run.view(),
      title: shortenHome(projectDir),
      upMs: performance.now() - startedAt,
      jobs: orderJobs(run.board.list()),
      log: run.logs
        .list()
        .slice(-MAX_LOG_LINES)
        .filter((line) => line.level !== 'debug'),
    }
    const size = { columns: stdout.columns, rows: stdout.rows }
    const frame = toFrame(drawDevScreen(screen, size, paint), size.columns)
    if (frame === lastFrame) return
    lastFrame = frame
    stdout.write(BEGIN_FRAME + HOME + frame + CLEAR_BELOW + END_FRAME)
  }
  const redraw = (): void => {
    lastFrame = ''
    draw()
  }
  const onKey = (_text: string | undefined, key: { name?: string; ctrl?: boolean }): void => {
    if (key.name === 'q' || (key.ctrl === true && key.name === 'c')) quit()
  }
  const close = (): void => {
    if (!isOpen) return
    isOpen = false
    clearInterval(timer)
    stdout.off('resize', redraw)
    stdin.off('keypress', onKey)
    stdin.setRawMode(false)
    stdin.pause()
    stdout.write(LEAVE)
    process.off('exit', close)
  }

  stdout.write(ENTER)
  process.on('exit', close)
  emitKeypressEvents(stdin)
  stdin.setRawMode(true)
  stdin.resume()
  stdin.on('keypress', onKey)
  stdout.on('resize', redraw)
  const timer = setInterval(draw, DRAW_MS)
  draw()
  return close
}

/** No line wraps, so that every line stays in its row. */
function toFrame(lines: readonly string[], columns: number): string {
  return lines
    .map((line) =>
      stringWidth(line) <= columns ? line : cutText(stripVTControlCharacters(line), columns),
    )
    .map((line) => `${CLEAR_LINE}${line}`)
    .join('\r\n')
}

function shortenHome(path: string): string {
  const home = homedir()
  return path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
}
