export { defineActor, isActor, type Actor, type DefinedActor, type NamedActor } from './actor.ts'
export { defineConfig, type EnvironmentConfig, type ProjectConfig } from './define-config.ts'
export type { Context, Labels, Log, LogAt, Metrics, RouteView } from './context.ts'
export type { AnyActor } from './edge-type.ts'
export { DefinitionError, FatalError, RetryableError, ValidationError } from './errors.ts'
export type { Handler, OutputOf } from './handler.ts'
export type { Json } from './json-type.ts'
export type {
  ActorOptions,
  Duration,
  EnvironmentValue,
  PipelineOptions,
  RemoteActorOptions,
  ResourceOptions,
  RetryOptions,
  ScalingOptions,
  Toleration,
  WorkloadOptions,
} from './options.ts'
export { definePipeline, isPipeline, type Pipeline } from './pipeline.ts'
export { isPythonActor, pythonActor, type PythonActor } from './python-actor.ts'
export {
  isRemoteActor,
  isStandIn,
  remoteActor,
  type RemoteActor,
  type StandIn,
  type StandInOptions,
} from './remote-actor.ts'
