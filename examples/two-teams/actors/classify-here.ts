import { classify } from '../remote/classify.ts'

/** Stands in for team B's actor on this machine; the build leaves it out. */
export const classifyHere = classify.standIn((note) => {
  const isInvoice = /invoice|amount due/i.test(note.text)
  return { label: isInvoice ? 'invoice' : 'other', confidence: isInvoice ? 0.9 : 0.4 }
})
