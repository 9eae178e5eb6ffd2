import * as z from 'zod'

const order = z.object({
  id: z.uuid(),
  email: z.string().brand('Email'),
  tags: z.array(z.string()).readonly(),
  kind: z.enum(['new', 'used']),
  note: z.object({ text: z.string().nullable().optional() }).strict(),
  count: z.number().int().min(1),
})
// What zod infers is called after its alias; refinements are not in the type.
export type Order = z.infer<typeof order>

// The alias names it wherever it stands.
export interface Batch {
  orders: Order[]
  first?: z.infer<typeof order>
}

const event = z.discriminatedUnion('type', [
  z.object({ type: z.literal('sold'), price: z.number() }),
  z.object({ type: z.literal('lost') }),
])
// A discriminated union of zod is discriminated.
export type Event = z.infer<typeof event>

const prices = z.record(z.string(), z.number())
// A record of zod is a dictionary.
export type Prices = z.infer<typeof prices>

const place = z.tuple([z.number(), z.number()])
// A tuple of zod is a tuple.
export interface Placed {
  place: z.infer<typeof place>
}

const branded = z.object({ name: z.string(), note: z.string().optional() }).brand('Named')
// A branded record of zod is the record.
export type Branded = z.infer<typeof branded>

const Category = z.object({
  name: z.string(),
  get children() {
    return z.array(Category)
  },
})
// A schema of zod that holds itself refers to itself.
export type Tree = z.infer<typeof Category>

const anything = z.object({ rest: z.json() })
// Any JSON of zod is any JSON.
export type Anything = z.infer<typeof anything>

const choice = z.union([z.string(), z.object({ text: z.string() })])
// A union of zod is a union.
export type Choice = z.infer<typeof choice>

const extended = order.extend({ extra: z.boolean() }).omit({ email: true, note: true })
// What is made of a schema of zod is a type of its own.
export type Extended = z.infer<typeof extended>

const dated = z.object({ at: z.date() })
// A Date of zod is a Date.
export type Dated = z.infer<typeof dated>

const open = z.object({ rest: z.unknown() })
// unknown of zod is unknown.
export type Open = z.infer<typeof open>
