export {
  findActorOptionProblems,
  findPipelineOptionProblems,
  findRemoteActorOptionProblems,
  isDurationOption,
} from './actor-options.ts'
export {
  ASYNC_ACTOR_API_VERSION,
  type AsyncActor,
  type AsyncActorSpec,
  type Container,
  type EnvironmentVariable,
  type PodTemplate,
} from './async-actor.ts'
export {
  branchKey,
  childId,
  decodeBranch,
  generationOf,
  isBranchKey,
  MAX_BRANCH_DEPTH,
  ROOT,
  toWireBranch,
  type Branch,
  type BranchEntry,
  type Lineage,
  type WireBranch,
} from './branch.ts'
export { JobCompletion, type BranchEnd } from './completion.ts'
export {
  decide,
  explainMisroute,
  toUnroutable,
  wrapUndecodable,
  type Attempt,
  type Decision,
  type EndOfHop,
  type IdentifiedMessage,
  type Outcome,
  type Publication,
  type Station,
  type Undecodable,
} from './decide.ts'
export { formatDuration, parseDurationMs, toMs, writeDuration } from './duration.ts'
export { excerptOf, type Excerpt } from './excerpt.ts'
export {
  FAILURE_CODES,
  makeFailure,
  severityOf,
  type Failure,
  type FailureCode,
  type Severity,
} from './failure.ts'
export { DEFAULT_MAX_FRAME_BYTES, encodeFrame, FrameReader, type FrameEvent } from './frame.ts'
export {
  bytesToText,
  joinParts,
  jsonKind,
  MAX_INDEX,
  parseJson,
  parseText,
  stringifyToBytes,
  toJsonBytes,
  type JsonBytes,
  type Part,
} from './json-bytes.ts'
export {
  MAX_DEPTH,
  MAX_MEMBERS,
  scanArray,
  scanObject,
  scanValue,
  type RawMember,
  type Scanned,
  type ScanFailure,
  type ScanRule,
} from './json-scan.ts'
export {
  escapeReferences,
  isDataKey,
  isImage,
  isLabelValue,
  isNamespace,
  isObjectName,
} from './kubernetes-values.ts'
export {
  decodeManifest,
  type Manifest,
  type ManifestActor,
  type ManifestCardinality,
  type ManifestPipeline,
} from './manifest.ts'
export {
  decodeMessage,
  decodeRequest,
  encodeMessage,
  encodeRequestFrame,
  encodeShutdown,
  isShutdown,
  salvageIds,
  type DecodedMessage,
  type DecodedRequest,
  type EnvelopeFailure,
  type EnvelopeRule,
  type Message,
  type Request,
} from './message.ts'
export type { ReadJson } from './json-reader.ts'
export { ERROR_END, HAPPY_END, isActorName, isId, isStepName, nameFromExport } from './names.ts'
export type { OptionProblem } from './option-rule.ts'
export {
  toRuntimeEnvironment,
  toSidecarEnvironment,
  type Environment,
  type RabbitmqSetup,
  type RabbitmqVariable,
  type RuntimeSetup,
  type RuntimeVariable,
  type SidecarSetup,
  type SidecarVariable,
} from './pod-environment.ts'
export {
  decodeFinal,
  decodeProgress,
  decodeProgressBatch,
  encodeFinal,
  encodeProgressBatch,
  type FinalReport,
  type ProgressReport,
  type ReportedPayloads,
} from './progress.ts'
export { findProjectOptionProblems } from './project-options.ts'
export {
  declareActorQueue,
  declareRetryQueue,
  DEFAULT_NAMING,
  type BrokerNaming,
  type QueueDeclaration,
  type QueueType,
} from './queue-declaration.ts'
export {
  ACCEPTED_FRAMES,
  decodeReply,
  encodeFailure,
  encodeMetrics,
  encodeOutput,
  encodeOutputs,
  encodeProgress,
  MAX_OUTPUTS,
  type Metric,
  type Output,
  type OutputText,
  type Reply,
} from './reply.ts'
export {
  DEFAULT_RETRY_POLICY,
  END_RETRY_POLICY,
  RETRY_TIERS_MS,
  roundUpToTier,
  scheduleRetry,
  type PartialRetryPolicy,
  type RetryPolicy,
  type RetryTierMs,
} from './retry.ts'
export { currentStep, decodeRoute, explainRouteChange, MAX_STEPS, type Route } from './route.ts'
export { decodeToolCatalog, type Tool, type ToolCatalog } from './tool-catalog.ts'
