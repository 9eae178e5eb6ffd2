import englishModel from 'wink-eng-lite-web-model'
import winkNlp from 'wink-nlp'

type EntityType =
  'person' | 'organisation' | 'place' | 'name' | 'date' | 'time' | 'money' | 'percent' | 'email'

export interface Entity {
  type: EntityType
  value: string
}

export interface Analysis {
  entities: Entity[]
  sentiment: 'negative' | 'neutral' | 'positive'
  /** From -1 (hostile) to 1 (delighted). */
  score: number
}

// The model itself knows dates, sums and addresses, but no names: those are runs of proper nouns
// (PROPN), told apart by the words around them. One proper noun alone is too often just the first
// word of a sentence, so a plain `name` needs two.
const patterns: { name: EntityType; patterns: string[]; mark?: [number, number] }[] = [
  { name: 'date', patterns: ['DATE'] },
  { name: 'time', patterns: ['TIME'] },
  { name: 'money', patterns: ['MONEY', '[£|€] CARDINAL [|m|bn|million|billion]'] },
  { name: 'percent', patterns: ['PERCENT'] },
  { name: 'email', patterns: ['EMAIL'] },
  { name: 'person', patterns: ['[Mr|Mr.|Mrs|Mrs.|Ms|Ms.|Dr|Dr.] PROPN [|PROPN]'] },
  {
    name: 'organisation',
    patterns: [
      'PROPN [|PROPN] [|PROPN] [Ltd|Inc|Inc.|GmbH|Bank|Council|Hospital|University]',
      'PROPN & PROPN [|Ltd|Inc|Inc.|GmbH]',
    ],
  },
  // The mark leaves the preposition out.
  { name: 'place', patterns: ['in PROPN [|PROPN] [|PROPN]'], mark: [1, 3] },
  { name: 'name', patterns: ['PROPN PROPN [|PROPN]'] },
]

const nlp = winkNlp(englishModel)
nlp.learnCustomEntities(patterns)

/** Finds who, where, when and how much, and the mood of an English text. */
export function analyseLanguage(text: string): Analysis {
  /* eslint-disable @typescript-eslint/unbound-method -- wink types functions as methods */
  const document = nlp.readDoc(text)
  // wink types an entity's type as string; it is always one of the names above.
  const entities = document.customEntities().out(nlp.its.detail) as Entity[]
  const score = Number(document.out(nlp.its.sentiment))
  /* eslint-enable @typescript-eslint/unbound-method */
  return {
    entities: uniqueEntities(entities),
    sentiment: score <= -0.25 ? 'negative' : score >= 0.25 ? 'positive' : 'neutral',
    score: Math.round(score * 100) / 100,
  }
}

function uniqueEntities(entities: Entity[]): Entity[] {
  const byText = new Map(entities.map(({ type, value }) => [`${type} ${value}`, { type, value }]))
  return [...byText.values()]
}
