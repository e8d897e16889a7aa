import * as Reader from '../../../chain/contracts/Reader.ts'

/** A node that is gone or stands still gives up the tally, not the run. */
const TIMEOUT_MS = 5000

/**
 * The one array of counts that a view function of a contract gives, as of the newest block.
 *
 * @throws {Reader.NoAnswerError}
 */
export async function readTally(rpcUrl: string, question: Reader.Question): Promise<number[]> {
  const node = { rpcUrl, transport: { timeoutMs: TIMEOUT_MS } }
  const [counts]: unknown[] = [...(await Reader.read(node, question))]
  if (!Array.isArray(counts)) {
    throw new TypeError(`${question.to} gave no counts for ${question.method}.`)
  }
  return Array.from(counts, Number)
}
