import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/**
 * @typedef {object} RunOptions
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string} [cwd]
 * @property {boolean} [isQuiet] keep the output back, and show it only when the program fails
 */

/**
 * Runs a program to its end and passes signals on to it.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<number>} its exit code, 128 + n when signal n ended it, 127 when there is none
 */
export function run(command, args, { env = process.env, cwd, isQuiet = false } = {}) {
  const child = spawn(command, args, {
    env,
    stdio: isQuiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    ...(cwd !== undefined && { cwd }),
  })
  /** @type {Buffer[]} */
  const output = []
  child.stdout?.on('data', (chunk) => output.push(chunk))
  child.stderr?.on('data', (chunk) => output.push(chunk))
  const stopForwarding = forwardSignals(child)
  return new Promise((resolve) => {
    child.on('error', (error) => {
      stopForwarding()
      console.error(`cannot run ${command}: ${error.message}`)
      resolve(127)
    })
    child.on('close', (code, signal) => {
      stopForwarding()
      const status = signal === null ? (code ?? 1) : 128 + constants.signals[signal]
      if (status !== 0) process.stderr.write(Buffer.concat(output))
      resolve(status)
    })
  })
}

/** @param {import('node:child_process').ChildProcess} child */
function forwardSignals(child) {
  /** @type {(signal: NodeJS.Signals) => void} */
  const forward = (signal) => {
    // Ctrl-C reaches the whole process group of a terminal: a second one would mean "at once".
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  /** @type {readonly NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, forward)
  return () => {
    for (const signal of signals) process.off(signal, forward)
  }
}
