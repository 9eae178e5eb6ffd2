export {
  createMemoryBroker,
  type MemoryBroker,
  type MemoryBrokerOptions,
  type MemoryConnectionOptions,
  type PeekedMessage,
} from './broker.ts'
export { type MemoryConnection } from './connection.ts'
export { type QueueInspection } from './queue.ts'
