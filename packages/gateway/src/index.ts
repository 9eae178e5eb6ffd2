export type { JobUpdate } from './jobs/job.ts'
export { toGatewayTools } from './tools/catalog-tools.ts'
export { Gateway, type GatewayOptions } from './gateway.ts'
export { migrate } from './migrate.ts'
