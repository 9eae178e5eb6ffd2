import type { Metric } from '@asya/protocol'
import type { Log, LogAt } from '../context.ts'
import type { Emit } from '../invoke/index.ts'

/** What a handler told beside its result, in order. */
export interface Observations {
  readonly progress: readonly ObservedProgress[]
  readonly metrics: readonly ObservedMetric[]
  readonly logs: readonly ObservedLog[]
}

/** Which call it was. */
interface Call {
  readonly step: string
  readonly attempt: number
}

export interface ObservedProgress extends Call {
  readonly percent: number
  readonly message?: string
}

export interface ObservedMetric extends Call, Metric {}

export interface ObservedLog extends Call {
  readonly level: keyof Log
  readonly message?: string
  readonly fields: object
}

/** Keeps what handlers tell. */
export class Recorder implements Observations {
  readonly progress: ObservedProgress[] = []
  readonly metrics: ObservedMetric[] = []
  readonly logs: ObservedLog[] = []

  /** The ends that are handed to one call. */
  listenTo(call: Call): { readonly log: Log; readonly emit: Emit } {
    const logAt =
      (level: keyof Log): LogAt =>
      (first: object | string, message?: string) => {
        const isText = typeof first === 'string'
        this.logs.push({
          ...call,
          level,
          ...optional('message', isText ? first : message),
          fields: isText ? {} : first,
        })
      }
    return {
      log: {
        debug: logAt('debug'),
        info: logAt('info'),
        warn: logAt('warn'),
        error: logAt('error'),
      },
      emit: {
        progress: (percent, message) => {
          this.progress.push({ ...call, percent, ...optional('message', message) })
        },
        metric: (metric) => {
          this.metrics.push({ ...call, ...metric })
        },
      },
    }
  }
}

function optional(name: 'message', value: string | undefined): { readonly message?: string } {
  return value === undefined ? {} : { [name]: value }
}
