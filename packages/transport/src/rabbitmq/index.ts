export { describeEndpoint, parseRabbitmqUrl, type Endpoint, type TlsFiles } from './endpoint.ts'
export { type Notice, type RabbitmqOptions } from './options.ts'
export { RabbitmqTransport } from './rabbitmq-transport.ts'
export { Secret } from './secret.ts'
