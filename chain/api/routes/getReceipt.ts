import { Type, type Static } from 'typebox'

import { SKIP_REASONS } from '../../../scenarios/ballots/Contract.ts'
import * as Receipt from '../../../scenarios/ballots/Receipt.ts'
import * as Ballots from '../../database/Ballots.ts'
import type { App, Context } from '../Context.ts'
import * as Proofs from '../Proofs.ts'
import * as Refusal from '../Refusal.ts'

const Answer = Type.Object(
  {
    state: Type.Enum(['acknowledged', 'included', 'final', 'refused'], {
      description:
        'acknowledged: durable, not on the chain yet; included: in a block; final: for good; refused: the contract skipped it',
    }),
    receipt: Receipt.Schema,
    block: Type.Optional(Type.Integer({ minimum: 0, description: 'Number of its block' })),
    transaction: Type.Optional(
      Type.String({ pattern: '^0x[0-9a-f]{64}$', description: 'Hash of its batch' }),
    ),
    skipReason: Type.Optional(Type.String({ description: 'Why the contract skipped it' })),
    proof: Type.Optional(Proofs.Schema),
  },
  { additionalProperties: false, description: 'What has become of an acknowledged ballot.' },
)

const schema = {
  summary: 'The receipt of a ballot, and what has become of it',
  params: Type.Object({
    id: Type.String({ pattern: '^0x[0-9a-f]{64}$', description: 'The ballotHash of the receipt' }),
  }),
  response: {
    200: Answer,
    ...Refusal.responses('MALFORMED', 'RECEIPT_UNKNOWN', 'DATABASE_UNREACHABLE'),
  },
}

type Fate = Omit<Static<typeof Answer>, 'receipt' | 'proof'>

/** `GET /receipts/{id}` */
export function getReceipt(app: App, context: Context): void {
  app.get('/receipts/:id', { schema }, async (request, reply) => {
    const { id } = request.params
    const row = await Ballots.find(context.pool, Buffer.from(id.slice(2), 'hex'))
    if (row === undefined) return Refusal.send(reply, 'RECEIPT_UNKNOWN')
    const fate = fateOf(row)
    const proof = await proofOf(context, row, fate)
    return { ...fate, receipt: receiptOf(id, row), ...(proof !== undefined && { proof }) }
  })
}

/** The proof of a ballot that is in a block; none under a design that has none. */
async function proofOf(
  { proofs }: Context,
  row: Ballots.Standing,
  { state, block, transaction }: Fate,
): Promise<Proofs.Proof | undefined> {
  const isThere = state === 'included' || state === 'final'
  if (proofs === undefined || !isThere || block === undefined || transaction === undefined) {
    return undefined
  }
  const { poll_id, voter_index, choice } = row
  const ballot = { pollId: Number(poll_id), voterIndex: Number(voter_index), choice }
  const proof = await proofs.of(Number(row.batch_id), ballot)
  return proof && { ...proof, ...ballot, block, transaction }
}

function receiptOf(ballotHash: string, row: Ballots.Standing): Receipt.Receipt {
  return {
    ballotHash,
    pollId: Number(row.poll_id),
    acceptedAtMs: Number(row.accepted_at_ms),
    sealsAt: Number(row.seals_at),
    signature: `0x${row.receipt_signature.toString('hex')}`,
  }
}

function fateOf(row: Ballots.Standing): Fate {
  const { state, skip_reason, block_number, transaction_hash } = row
  const isOnChain = state === 'included' || state === 'final'
  // A skip is for good only in a final block: before, the ballot may yet be carried again.
  if (!isOnChain || (skip_reason !== null && state !== 'final')) return { state: 'acknowledged' }
  return {
    state: skip_reason === null ? state : 'refused',
    ...(block_number !== null && { block: Number(block_number) }),
    ...(transaction_hash !== null && { transaction: `0x${transaction_hash.toString('hex')}` }),
    ...(skip_reason !== null && { skipReason: reasonOf(skip_reason) }),
  }
}

/** The relayer's own reason: the transaction failed as a whole, and no smaller batch helped. */
const BATCH_FAILED = 0

function reasonOf(code: number): string {
  const reasons: Readonly<Record<number, string>> = {
    ...SKIP_REASONS,
    [BATCH_FAILED]: 'batch failed',
  }
  return reasons[code] ?? `reason ${code}`
}
