import { fork } from 'node:child_process'
import { pathOf } from './processes.ts'

/** A load that runs in a process of its own, so that two loads never share a heap or compiled code. */
export interface RateProcess {
  /** Runs the load for a while; how much it did per second. */
  measure(): Promise<number>
  stop(): Promise<void>
}

/** @param program a file that calls `serveRate` */
export function startRateProcess(program: string, args: readonly string[]): RateProcess {
  const child = fork(pathOf(program), args)
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve()
    })
  })
  return {
    measure: () =>
      new Promise((resolve, reject) => {
        const onExit = (code: number | null): void => {
          reject(new Error(`${program} ended with ${String(code)}`))
        }
        child.once('exit', onExit)
        child.once('message', (rate) => {
          child.off('exit', onExit)
          resolve(Number(rate))
        })
        child.send('measure')
      }),
    async stop() {
      child.kill()
      await exited
    },
  }
}

/** The other end: answers each request with what `measure` returns. */
export function serveRate(measure: () => Promise<number>): void {
  process.on('message', () => {
    void measure().then((rate) => process.send?.(rate))
  })
}
