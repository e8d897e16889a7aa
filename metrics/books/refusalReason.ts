import type { Path } from '../../scenarios/ballots/Path.ts'

/** Whatever an answer says, a reason in a report is short, and made of these characters. */
const REASON = /^[\w .:*+-]{1,60}/

/**
 * Why an answer refused, in the words of whoever refused: the code that the API documents, or the
 * code and text of a node's error; the HTTP status where the body says nothing.
 */
export function refusalReason(path: Path, status: number, body: string): string {
  const answer = parse(body)
  const error = path === 'rpc' ? answer?.['error'] : answer
  const { code, message } = isObject(error) ? error : {}
  const words = [code, path === 'rpc' ? message : undefined].filter(
    (word) => typeof word === 'string' || typeof word === 'number',
  )
  return REASON.exec(words.join(' '))?.[0] ?? `HTTP ${status}`
}

function parse(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
