/** Splits a text at its empty lines and joins the lines of each paragraph. */
export function findParagraphs(text: string): string[] {
  return text
    .split(/\n\s*\n/)
    .map((block) => block.replaceAll(/\s+/g, ' ').trim())
    .filter(isProse)
}

/** Letterheads, greetings and signatures are short and do not end like a sentence. */
function isProse(block: string): boolean {
  return /[.!?]\W*$/.test(block) || block.split(' ').length >= 10
}
