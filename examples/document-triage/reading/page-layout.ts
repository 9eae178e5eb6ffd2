/** A line of print as Tesseract reports it, with sizes in pixels. */
export interface PrintedLine {
  words: { text: string; confidence: number }[]
  baseline: { y0: number }
  rowAttributes: { rowHeight: number }
}

/** Tesseract joins paragraphs that only space sets apart, so the distance of the lines decides. */
export function joinLines(lines: PrintedLine[]): string {
  let text = ''
  let previous: PrintedLine | undefined
  for (const line of lines) {
    const words = line.words.filter((word) => !isDust(word)).map((word) => word.text)
    if (words.length === 0) continue
    if (previous) text += startsParagraph(line, previous) ? '\n\n' : '\n'
    text += words.join(' ')
    previous = line
  }
  return text
}

function startsParagraph(line: PrintedLine, previous: PrintedLine): boolean {
  return line.baseline.y0 - previous.baseline.y0 > 2 * previous.rowAttributes.rowHeight
}

/** Specks on the glass are read as a stray character or two that Tesseract itself doubts. */
function isDust({ text, confidence }: { text: string; confidence: number }): boolean {
  return text.length <= 2 && confidence < 60
}
