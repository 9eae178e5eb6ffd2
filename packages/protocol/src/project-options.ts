import { actorRules, findContradictions, type ComparedOptions } from './actor-options.ts'
import {
  isDataKey,
  isImageRegistry,
  isImageTag,
  isNamespace,
  isObjectName,
} from './kubernetes-values.ts'
import {
  aFlag,
  aText,
  aWholeNumber,
  findProblems,
  oneOf,
  type OptionProblem,
  type Rule,
  type Rules,
} from './option-rule.ts'

/** What is allowed in `asya.config.ts`. */

/** Of RabbitMQ: a short string, which AMQP limits to 255 bytes. */
const aShortText: Rule = {
  allows: (value) => typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= 255,
  allowed: 'a text of at most 255 bytes',
}

const aHost: Rule = {
  allows: (value) =>
    typeof value === 'string' && /^[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?$/.test(value),
  allowed: "the name of a host such as 'rabbitmq.queues.svc', without a port",
}

/** What holds for every actor has neither a name nor a description. */
const defaultRules: Rules = Object.fromEntries(
  Object.entries(actorRules).filter(([name]) => name !== 'name' && name !== 'description'),
)

/** What an environment may say otherwise. */
const overlayRules: Rules = {
  image: {
    rules: {
      registry: {
        allows: isImageRegistry,
        allowed: "a registry such as 'registry.example.com/team', without a tag",
      },
      tag: { allows: isImageTag, allowed: "the tag of an image such as '1.2'" },
    },
  },
  namespace: {
    allows: isNamespace,
    allowed: 'the name of a namespace: at most 63 of a-z, 0-9 and -',
  },
  broker: {
    rules: {
      host: aHost,
      port: aWholeNumber(1, 65_535),
      vhost: aShortText,
      username: aShortText,
      passwordSecret: {
        rules: {
          name: { allows: isObjectName, allowed: 'the name of a Secret' },
          key: { allows: isDataKey, allowed: 'a key inside a Secret' },
        },
      },
      tls: aFlag,
      management: {
        rules: { port: aWholeNumber(1, 65_535), scheme: oneOf('http', 'https') },
      },
      exchange: aShortText,
    },
  },
  defaults: { rules: defaultRules },
}

const projectRules: Rules = {
  ...overlayRules,
  name: aText,
  version: aText,
  description: aText,
  asyncapi: oneOf('3.0.0', '3.1.0'),
  environments: {
    names: {
      allows: (name) => typeof name === 'string' && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name),
      allowed: 'a-z, 0-9 and - alone, such as staging',
    },
    values: { rules: overlayRules },
  },
}

interface Overlay {
  readonly defaults?: ComparedOptions
  readonly broker?: { readonly passwordSecret?: { readonly name?: string; readonly key?: string } }
}

/** What is not allowed of the project's configuration; none, if a build can go by it. */
export function findProjectOptionProblems(options: unknown): readonly OptionProblem[] {
  const problems = findProblems(options, projectRules)
  if (problems.length > 0) return problems
  // Every value is known to be allowed, so the options have this shape.
  const { environments = {}, ...base } = options as Overlay & {
    readonly environments?: Readonly<Record<string, Overlay>>
  }
  return [
    ...checkOverlay(base, []),
    ...Object.entries(environments).flatMap(([name, overlay]) =>
      checkOverlay(overlay, ['environments', name]),
    ),
  ]
}

function checkOverlay({ defaults, broker }: Overlay, path: readonly string[]): OptionProblem[] {
  const secret = broker?.passwordSecret
  const isHalf = secret !== undefined && (secret.name === undefined || secret.key === undefined)
  const place = [...path, 'broker', 'passwordSecret']
  return [
    ...findContradictions(defaults ?? {}).map((problem) => ({
      ...problem,
      path: [...path, 'defaults', ...problem.path],
    })),
    ...(isHalf
      ? [{ path: place, message: `option ${place.join('.')} needs a name and a key` }]
      : []),
  ]
}
