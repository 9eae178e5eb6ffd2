import { Option, type Command } from 'commander'
import { parseDurationMs } from '@asya/protocol'
import type { ClusterOptions } from '../cluster/connect.ts'
import { UsageError } from '../errors.ts'

/** What every command that speaks with a cluster takes. */
export function addClusterOptions(command: Command): Command {
  return command
    .option('-n, --namespace <name>', 'where in the cluster (default: that of the context)')
    .option('--context <name>', 'of the kubeconfig (default: its current one)')
}

/** For those that print something which programs read too. */
export function addOutputOption(command: Command, formats: readonly string[]): Command {
  return command.addOption(
    new Option('-o, --output <format>', 'for people or for programs')
      .choices(formats)
      .default('text'),
  )
}

export function pickClusterOptions({ context, namespace }: ClusterOptions): ClusterOptions {
  return {
    ...(context !== undefined && { context }),
    ...(namespace !== undefined && { namespace }),
  }
}

/** Throws a UsageError for what is no duration. */
export function readDuration(option: string, value: string): number {
  const ms = parseDurationMs(value)
  if (ms === undefined)
    throw new UsageError(`${option} ${value} is no duration: write it as 30s, 5m or 1m30s`)
  return ms
}
