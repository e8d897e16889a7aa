import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

import * as Anchor from '../../scenarios/ballots/Anchor.ts'
import * as Receipt from '../../scenarios/ballots/Receipt.ts'

/** A receipt that a voter kept, and where it was found. */
export type Kept = { file: string; receipt: Receipt.Receipt; proof: Proof | undefined }

const Hash = Type.String({ pattern: '^0x[0-9a-f]{64}$' })

/** That the ballot belongs to an anchored batch. */
const ProofSchema = Type.Object({
  root: Hash,
  siblings: Type.Array(Hash, { maxItems: 64 }),
  pollId: Type.Integer({ minimum: 1 }),
  voterIndex: Type.Integer({ minimum: 0 }),
  choice: Type.Integer({ minimum: 0, maximum: 255 }),
  block: Type.Integer({ minimum: 0 }),
  transaction: Hash,
})

export type Proof = Static<typeof ProofSchema>

/** The API's answer, to a ballot or to a question about a receipt; more fields do not harm. */
const AnswerSchema = Type.Object({ receipt: Receipt.Schema, proof: Type.Optional(ProofSchema) })

/**
 * Reads all receipts of a folder: files that end in `.json`, each a receipt, an answer of the API
 * that holds one, or a list of such.
 *
 * @returns the receipts, and a sentence for each file that holds none.
 */
export function read(folder: string): { kept: Kept[]; problems: string[] } {
  const kept: Kept[] = []
  const problems: string[] = []
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  for (const name of files.toSorted()) {
    const file = join(folder, name)
    try {
      const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
      for (const one of Array.isArray(value) ? value : [value]) kept.push(parse(file, one))
    } catch (error) {
      problems.push(
        `${file} holds no receipt: ${error instanceof Error ? error.message : 'unread'}`,
      )
    }
  }
  return { kept, problems }
}

/** Whether the proof's way leads from the ballot to the root; needs no chain. */
export function isIncluded({ root, siblings, ...ballot }: Proof): boolean {
  return Anchor.isIncluded(ballot, siblings, root)
}

function parse(file: string, value: unknown): Kept {
  if (Value.Check(Receipt.Schema, value)) return { file, receipt: value, proof: undefined }
  if (Value.Check(AnswerSchema, value)) {
    return { file, receipt: value.receipt, proof: value.proof }
  }
  const [problem] = Value.Errors(AnswerSchema, value)
  throw new TypeError(`${problem?.instancePath ?? ''} ${problem?.message ?? 'malformed'}`.trim())
}
