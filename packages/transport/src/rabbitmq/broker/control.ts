import type { BrokerHandle } from './broker.ts'
import { BrokerError } from './errors.ts'
import { runProgram } from './run-program.ts'

const CTL_TIMEOUT_MS = 60_000

/** Runs `rabbitmqctl` for a broker that is ours; returns what it printed. */
export async function runCtl(handle: BrokerHandle, args: readonly string[]): Promise<string> {
  const { ctl } = handle
  const command = `rabbitmqctl ${args[0] ?? ''}`
  if (!ctl) throw new BrokerError(`${command} needs a broker that Asya started: unset its URL`)
  const { isOk, output } = await runProgram(ctl.program, [...ctl.args, '--quiet', ...args], {
    settings: ctl.settings,
    timeoutMs: CTL_TIMEOUT_MS,
  })
  if (!isOk) throw new BrokerError(`${command} failed: ${output}`)
  return output
}

/** Makes a virtual host; returns its URL, for the same user. */
export async function addVhost(handle: BrokerHandle, name: string): Promise<string> {
  const url = new URL(handle.url)
  await runCtl(handle, ['add_vhost', name])
  const user = decodeURIComponent(url.username)
  await runCtl(handle, ['set_permissions', '--vhost', name, user, '.*', '.*', '.*'])
  url.pathname = `/${encodeURIComponent(name)}`
  return url.href
}

/** Closes every connection to a virtual host, as an administrator would. */
export async function closeConnections(handle: BrokerHandle, vhost: string): Promise<void> {
  await runCtl(handle, ['close_all_connections', '--vhost', vhost, 'a test of Asya'])
}

/** Raises or lifts the memory alarm, in which the broker reads nothing from publishers. */
export async function setMemoryAlarm(handle: BrokerHandle, isOn: boolean): Promise<void> {
  await runCtl(handle, ['set_vm_memory_high_watermark', isOn ? '0.00000001' : '0.4'])
}
