import type { ActorOptions } from './options.ts'

/** What holds for a whole project, in `asya.config.ts`. The build reads it without running it. */
export interface ProjectConfig extends EnvironmentConfig {
  /** Else the name in package.json. */
  readonly name?: string | undefined
  /** Else the version in package.json. */
  readonly version?: string | undefined
  /** Else the description in package.json. */
  readonly description?: string | undefined
  /** Version of the AsyncAPI documents; 3.0.0 when left out. */
  readonly asyncapi?: '3.0.0' | '3.1.0' | undefined
  /** What is otherwise where it runs: `asya build --environment staging` lays one of them over the rest. */
  readonly environments?: Readonly<Record<string, EnvironmentConfig>> | undefined
}

/** What may be otherwise in one environment. */
export interface EnvironmentConfig {
  /** Where the images of the actors are: `<registry>/<actor>:<tag>`. */
  readonly image?:
    { readonly registry?: string | undefined; readonly tag?: string | undefined } | undefined
  readonly namespace?: string | undefined
  readonly broker?: BrokerConfig | undefined
  /** For every actor, unless its own options say otherwise. */
  readonly defaults?: Omit<ActorOptions, 'name' | 'description'> | undefined
}

/** The RabbitMQ of the project; what is left out is the operator's to say. */
interface BrokerConfig {
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly vhost?: string | undefined
  readonly username?: string | undefined
  /** Where Kubernetes has the password. */
  readonly passwordSecret?: { readonly name: string; readonly key: string } | undefined
  readonly tls?: boolean | undefined
  readonly exchange?: string | undefined
  /** The management API, by which KEDA counts messages: port 15672 and `http` when left out. */
  readonly management?:
    | { readonly port?: number | undefined; readonly scheme?: 'http' | 'https' | undefined }
    | undefined
}

/** Gives `asya.config.ts` its types: `export default defineConfig({ … })`. */
export function defineConfig(config: ProjectConfig): ProjectConfig {
  return config
}
