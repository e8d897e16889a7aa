import { Type } from 'typebox'
import { Value } from 'typebox/value'

const Labels = Type.Array(Type.String({ minLength: 1, maxLength: 200 }))

/** Signs that people put between answers, the least common in an answer first. */
const SEPARATORS = ['\n', '|', ';', ',']

/**
 * The answers' labels from their texts in one string. The interface of 2017 does not say how they
 * are joined, so a way counts when it gives exactly one label for each answer.
 *
 * @param count - how many answers there are.
 */
export function labelsOf(answers: string, count: number): string[] {
  const ways = [listOf(answers), ...SEPARATORS.map((separator) => split(answers, separator))]
  const fitting = ways.find((labels) => labels.length === count && Value.Check(Labels, labels))
  return fitting ?? Array.from({ length: count }, (_, index) => `option ${index}`)
}

function split(answers: string, separator: string): string[] {
  return answers.split(separator).map((label) => label.trim())
}

function listOf(answers: string): string[] {
  try {
    const list: unknown = JSON.parse(answers)
    return Value.Check(Labels, list) ? list : []
  } catch {
    return []
  }
}
