export {
  TransportError,
  type ConsumeOptions,
  type Consumer,
  type ConsumerState,
  type Delivery,
  type Outgoing,
  type PublishResult,
  type Transport,
} from './transport.ts'
