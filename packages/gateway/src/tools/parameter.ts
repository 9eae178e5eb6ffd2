import { z } from 'zod'

/** A parameter of a tool in a YAML file; it becomes a property of the tool's input schema. */
export interface Parameter {
  readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object'
  readonly description?: string | undefined
  readonly required?: boolean | undefined
  /** The values that it may have. */
  readonly options?: readonly unknown[] | undefined
  /** Is sent when the caller leaves it out. */
  readonly default?: unknown
  /** Of an array. */
  readonly items?: Parameter | undefined
  /** Of an object. */
  readonly properties?: Parameters | undefined
}

export type Parameters = Readonly<Record<string, Parameter>>

const TYPES = ['string', 'number', 'integer', 'boolean', 'array', 'object'] as const

const parameterSchema: z.ZodType<Parameter> = z.lazy(() =>
  z
    .strictObject({
      type: z.enum(TYPES),
      description: z.string().optional(),
      required: z.boolean().optional(),
      options: z.array(z.unknown()).min(1).optional(),
      default: z.unknown().optional(),
      items: parameterSchema.optional(),
      properties: parametersSchema.optional(),
    })
    .check(({ value, issues }) => {
      const complain = (key: string, message: string): void => {
        issues.push({ code: 'custom', path: [key], message, input: Reflect.get(value, key) })
      }
      if (value.items && value.type !== 'array') complain('items', 'only an array has items')
      if (value.properties && value.type !== 'object')
        complain('properties', 'only an object has properties')
      for (const [index, option] of (value.options ?? []).entries())
        if (!isOfType(option, value.type))
          issues.push({
            code: 'custom',
            path: ['options', index],
            message: `expected a value of type ${value.type}`,
            input: option,
          })
      if (value.default === undefined) return
      if (!isOfType(value.default, value.type))
        complain('default', `expected a value of type ${value.type}`)
      else if (value.options && !value.options.includes(value.default))
        complain('default', `expected one of the options ${JSON.stringify(value.options)}`)
    }),
)

export const parametersSchema = z.record(z.string().min(1), parameterSchema)

function isOfType(value: unknown, type: Parameter['type']): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value)
    case 'array':
      return Array.isArray(value)
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type
  }
}

type Schema = Readonly<Record<string, unknown>>

/** Draft-07, of type `object`. What is not named may be given too, as in the original. */
export function toObjectSchema(parameters: Parameters): Schema {
  const entries = Object.entries(parameters)
  const required = entries
    .filter(([, { required, default: value }]) => required === true && value === undefined)
    .map(([name]) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, one]) => [name, toSchema(one)])),
    ...(required.length > 0 && { required }),
  }
}

function toSchema(parameter: Parameter): Schema {
  const { type, description, options, default: value, items, properties } = parameter
  return {
    ...(properties ? toObjectSchema(properties) : { type }),
    ...(description !== undefined && { description }),
    ...(options && { enum: options }),
    ...(items && { items: toSchema(items) }),
    ...(value !== undefined && { default: value }),
  }
}
