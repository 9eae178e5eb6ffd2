import type { JsonSchema } from '../../model/model.ts'
import type { CheckedType, Property, TypeReader } from './type-reader.ts'

/**
 * What can be said of a type without looking into its members: of which kinds its values are, and by
 * which texts records are told apart. Enough for whoever refers to a type that is still being walked,
 * so that it does not matter where a walk through a circle of types began.
 */
export function previewSchema(type: CheckedType, types: TypeReader): JsonSchema {
  const shape = types.shapeOf(type)
  switch (shape.kind) {
    case 'string':
    case 'uppercase':
    case 'lowercase':
    case 'template':
      return { type: 'string' }
    case 'number':
    case 'boolean':
    case 'null':
      return { type: shape.kind }
    case 'literal':
      return { type: kindOf(shape.value), const: shape.value }
    case 'array':
    case 'tuple':
      return { type: 'array' }
    case 'union':
      return { anyOf: shape.members.map((each) => previewSchema(each, types)) }
    default:
      return previewRecord(types.propertiesOf(type), types)
  }
}

function kindOf(value: string | number | boolean): 'string' | 'number' | 'boolean' {
  if (typeof value === 'string') return 'string'
  return typeof value === 'number' ? 'number' : 'boolean'
}

function previewRecord(all: readonly Property[], types: TypeReader): JsonSchema {
  const properties = all.filter(({ key }) => key === 'string')
  return {
    type: 'object',
    properties: Object.fromEntries(
      properties.map(({ name, type }) => {
        const shape = types.shapeOf(type)
        return [name, shape.kind === 'literal' ? { const: shape.value } : {}]
      }),
    ),
    required: properties.filter(({ isOptional }) => !isOptional).map(({ name }) => name),
  }
}
