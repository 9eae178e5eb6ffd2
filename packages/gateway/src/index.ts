export { Gateway, type GatewayOptions } from './gateway.ts'
export { migrate } from './migrate.ts'
