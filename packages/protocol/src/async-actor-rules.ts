/**
 * What of `AsyncActor` its types cannot say: rules between fields, how lists are merged, columns of
 * `kubectl get`. `scripts/build-crd.mjs` lays it over the schema that it makes of the types. Paths
 * begin at the resource; `[]` is each item of a list.
 */

/** A rule in CEL, as the API server evaluates it at that place. */
export interface ValidationRule {
  readonly at: string
  readonly rule: string
  /** Names the culprit and the fix. */
  readonly message: string
  /** The same with texts of the resource in it, also in CEL. (Numbers would cost too much.) */
  readonly messageExpression?: string
  /** From that place to the culprit; else the whole place is. */
  readonly fieldPath?: string
}

export interface ListKeywords {
  /** The API server bounds the cost of rules by it. */
  readonly maxItems: number
  /** The member by which items are told apart: two of one name are refused, and appliers share a list. */
  readonly key?: string
  /** Of each item, where it is a text. */
  readonly items?: { readonly maxLength: number; readonly pattern: string }
}

export interface Column {
  readonly name: string
  readonly type: 'string' | 'integer' | 'date'
  readonly description: string
  readonly jsonPath: string
  /** Above 0 it is shown with `--output wide` alone. */
  readonly priority?: number
}

const CODES: ListKeywords = { maxItems: 32, items: { maxLength: 64, pattern: '^[a-z_]+$' } }

const PODS = 'spec.workload.template.spec'

export const LISTS: Readonly<Record<string, ListKeywords>> = {
  'spec.retry.retryCodes': CODES,
  'spec.retry.fatalCodes': CODES,
  'spec.sidecar.env': { maxItems: 256, key: 'name' },
  [`${PODS}.containers`]: { maxItems: 16, key: 'name' },
  [`${PODS}.initContainers`]: { maxItems: 16, key: 'name' },
  [`${PODS}.volumes`]: { maxItems: 64, key: 'name' },
  'status.conditions': { maxItems: 16, key: 'type' },
}

export const RULES: readonly ValidationRule[] = [
  {
    at: '',
    rule: 'self.metadata.name.size() <= 50',
    message: 'the name has more than 50 characters: shorten it, since other names are made of it',
  },
  {
    at: '',
    rule: "!self.metadata.name.contains('.')",
    message: 'the name has a dot: expected a-z, 0-9 and - alone, since other names are made of it',
  },
  {
    at: 'spec.queueName',
    rule: 'self == oldSelf',
    message: 'the queue of an actor cannot be changed: delete the actor, and make another',
    messageExpression:
      "'the queue of an actor cannot be changed (it is ' + oldSelf + '): delete the actor, and make another'",
  },
  {
    at: 'spec.queueName',
    rule: "!self.startsWith('amq.')",
    message: 'names of queues that begin with amq. are reserved for the broker: choose another',
  },
  {
    at: 'spec.queueName',
    rule: String.raw`!self.matches('\\.retry\\.[0-9]+$')`,
    message:
      'names of queues that end with .retry. and a number are reserved for the retries of all actors: choose another',
  },
  // Not at spec.scaling: its default is checked by itself, before its members have theirs.
  {
    at: 'spec',
    rule: 'self.scaling.minReplicas <= self.scaling.maxReplicas',
    message: 'minReplicas is above maxReplicas: expected at most that',
    fieldPath: '.scaling.minReplicas',
  },
  {
    at: 'spec',
    rule: '!has(self.scaling.fallback) || self.scaling.fallback.replicas <= self.scaling.maxReplicas',
    message: 'fallback.replicas is above maxReplicas: expected at most that',
    fieldPath: '.scaling.fallback.replicas',
  },
  {
    at: 'spec',
    rule: "self.workload.type != 'Job' || !self.scaling.enabled || self.scaling.minReplicas == 0",
    message:
      'scaling.minReplicas is above 0, and workload.type is Job: expected 0, since jobs are made when there are messages',
    fieldPath: '.scaling.minReplicas',
  },
  {
    at: 'spec',
    rule: "self.workload.type != 'Job' || !has(self.scaling.fallback)",
    message: 'scaling.fallback is not for workload.type Job: leave it out',
    fieldPath: '.scaling.fallback',
  },
  {
    at: 'spec',
    rule: "self.scaling.protocol != 'amqp' || !self.scaling.enabled || self.scaling.minReplicas > 0 || self.scaling.cooldownPeriod >= self.timeout.processing",
    message:
      'scaling.protocol is amqp, which does not see messages in progress: expected a scaling.cooldownPeriod of at least timeout.processing, or minReplicas above 0, or http',
    fieldPath: '.scaling.cooldownPeriod',
  },
  {
    at: 'spec.transport.rabbitmq',
    rule: '!has(self.host) || !has(self.passwordSecretRef) || has(self.username)',
    message: 'passwordSecretRef stands without a username: expected both',
  },
  {
    at: 'spec.socket.path',
    rule: String.raw`!self.matches('^/(dev|etc|proc|sys|tmp)/[^/]+$') && !self.matches('/\\.\\.?/')`,
    message:
      'the socket needs a folder of its own, which is shared with the sidecar: expected one such as /tmp/sockets/app.sock',
  },
  {
    at: 'spec.socket.maxSize',
    rule: "type(self) == string ? self.matches('^[0-9]{1,10}$') && int(self) >= 1 && int(self) <= 1073741824 : self >= 1 && self <= 1073741824",
    message: 'expected a number of bytes from 1 to 1073741824',
  },
  {
    at: 'spec.retry',
    rule: 'duration(self.initialDelay) <= duration(self.maxDelay)',
    message: 'initialDelay is above maxDelay: expected at most that',
    messageExpression:
      "'initialDelay is ' + self.initialDelay + ': expected at most maxDelay, which is ' + self.maxDelay",
  },
  {
    at: 'spec.workload.type',
    rule: 'self == oldSelf',
    message: 'the type of a workload cannot be changed: delete the actor, and make another',
    messageExpression:
      "'the type of a workload cannot be changed (it is ' + oldSelf + '): delete the actor, and make another'",
  },
  {
    at: 'spec.workload',
    rule: "!has(self.template.spec.restartPolicy) || (self.type == 'Job' ? self.template.spec.restartPolicy != 'Always' : self.template.spec.restartPolicy == 'Always')",
    message:
      'template.spec.restartPolicy does not fit the type: expected Never or OnFailure for a Job, and Always for anything else',
  },
  {
    at: PODS,
    rule: "self.containers.exists_one(c, c.name == 'runtime')",
    message: 'expected exactly one container with the name runtime: it holds the handler',
  },
  {
    at: PODS,
    rule: "self.containers.all(c, c.name != 'asya-sidecar') && (!has(self.initContainers) || self.initContainers.all(c, c.name != 'asya-sidecar' && c.name != 'runtime'))",
    message:
      'asya-sidecar is the name of the container that the operator adds, and runtime is no init container: choose another name',
  },
  {
    at: PODS,
    rule: "!has(self.volumes) || self.volumes.all(v, !v.name.startsWith('asya-'))",
    message:
      'names of volumes that begin with asya- are reserved for those that the operator adds: choose another',
  },
]

export const COLUMNS: readonly Column[] = [
  {
    name: 'Ready',
    type: 'string',
    description: 'Whether the workload runs, scales and reaches its queue.',
    jsonPath: '.status.conditions[?(@.type=="Ready")].status',
  },
  {
    name: 'Reason',
    type: 'string',
    description: 'Why, in one word.',
    jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
  },
  {
    name: 'Replicas',
    type: 'integer',
    description: 'Pods that there are.',
    jsonPath: '.status.replicas',
  },
  {
    name: 'Min',
    type: 'integer',
    description: 'Replicas at least.',
    jsonPath: '.spec.scaling.minReplicas',
  },
  {
    name: 'Max',
    type: 'integer',
    description: 'Replicas at most.',
    jsonPath: '.spec.scaling.maxReplicas',
  },
  {
    name: 'Workload',
    type: 'string',
    description: 'What Kubernetes runs.',
    jsonPath: '.spec.workload.type',
    priority: 1,
  },
  {
    name: 'Queue',
    type: 'string',
    description: 'The queue that the actor consumes.',
    jsonPath: '.spec.queueName',
    priority: 1,
  },
  {
    name: 'Age',
    type: 'date',
    description: 'Since when it is there.',
    jsonPath: '.metadata.creationTimestamp',
  },
]
