import type { Row } from '../harness/row.ts'
import { ALARM_ROWS } from './alarms.ts'
import { GATEWAY_ROWS } from './gateway.ts'
import { GATEWAY_KILL_ROWS } from './gateway-kills.ts'
import { JOB_ROWS } from './jobs.ts'
import { MESSAGE_ROWS } from './bad-messages.ts'
import { REPLY_ROWS } from './bad-replies.ts'
import { BROKER_ROWS } from './broker.ts'
import { CHANNEL_ROWS } from './channels.ts'
import { CONTROL_ROWS } from './control.ts'
import { DRAIN_ROWS } from './drains.ts'
import { NETWORK_ROWS } from './network.ts'
import { QUEUE_ROWS } from './queues.ts'
import { RUNTIME_ROWS } from './runtime.ts'
import { SIDECAR_ROWS } from './sidecar-kills.ts'
import { VERSION_ROWS } from './versions.ts'

/** Every fault that the system must survive, in the order of the table. */
export const ROWS: readonly Row[] = [
  ...SIDECAR_ROWS,
  ...BROKER_ROWS,
  ...CHANNEL_ROWS,
  ...NETWORK_ROWS,
  ...ALARM_ROWS,
  ...QUEUE_ROWS,
  ...RUNTIME_ROWS,
  ...REPLY_ROWS,
  ...MESSAGE_ROWS,
  ...DRAIN_ROWS,
  ...VERSION_ROWS,
  ...GATEWAY_KILL_ROWS,
  ...GATEWAY_ROWS,
  ...JOB_ROWS,
  ...CONTROL_ROWS,
]
