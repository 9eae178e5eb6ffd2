// What an invocation and its result are made of.
export type { JsonBytes, Message, Metric, OutputText, RawMember, Route } from '@asya/protocol'
export type { InvokeResult } from './collect-outputs.ts'
export type { Guard } from './guard.ts'
export type { Emit, Invocation } from './handler-context.ts'
export { invoke } from './invoke.ts'
export { resolveHandler, type ModuleNamespace, type ResolvedHandler } from './resolve-handler.ts'
