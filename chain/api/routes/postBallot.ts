import type { onResponseHookHandler } from 'fastify'
import { Type } from 'typebox'

import * as Receipt from '../../../scenarios/ballots/Receipt.ts'
import * as Admission from '../Admission.ts'
import type { App, Context } from '../Context.ts'
import type * as Metrics from '../Metrics.ts'
import * as Refusal from '../Refusal.ts'

const schema = {
  summary: 'Cast a ballot that the voter has signed',
  description:
    'Answers 202 only after the ballot is on disk. The same ballot again gets the same receipt.',
  params: Type.Object({ pollId: Type.Integer({ minimum: 1, maximum: 2 ** 32 - 1 }) }),
  body: Type.Object(
    {
      voter: Type.String({ pattern: '^0x[0-9a-f]{40}$' }),
      voterIndex: Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 }),
      choice: Type.Integer({ minimum: 0, maximum: 254 }),
      signature: Type.String({ pattern: '^0x[0-9a-f]{130}$' }),
    },
    { additionalProperties: false },
  ),
  response: {
    202: Type.Object(
      { receipt: Receipt.Schema },
      { additionalProperties: false, description: 'Durable, and promised to count.' },
    ),
    ...Refusal.responses(
      'MALFORMED',
      'POLL_UNKNOWN',
      'POLL_CLOSED',
      'POLL_NOT_OPEN',
      'BACKLOG',
      'OVERLOADED',
      'DATABASE_UNREACHABLE',
      'CHOICE_OUT_OF_RANGE',
      'SIGNATURE_INVALID',
      'VOTER_NOT_REGISTERED',
      'ALREADY_VOTED',
      'BODY_TOO_LARGE',
      'MEDIA_TYPE_UNKNOWN',
      'UNKNOWN',
    ),
  },
}

/** What each outcome of storing is called to the voter. */
const REFUSED_OUTCOMES = {
  other: 'ALREADY_VOTED',
  refused: 'DATABASE_UNREACHABLE',
  unknown: 'UNKNOWN',
} as const satisfies Record<string, Refusal.Code>

/** `POST /polls/{pollId}/ballots` */
export function postBallot(app: App, context: Context): void {
  const { metrics } = context
  const onResponse = countRefusal(metrics)
  app.post('/polls/:pollId/ballots', { schema, onResponse }, async (request, reply) => {
    const known = await context.polls.get(request.params.pollId)
    if (known === undefined) return Refusal.send(reply, 'POLL_UNKNOWN')
    const entry = Admission.admit(request.body, known, {
      nowMs: context.now(),
      reading: context.backlog.latest(),
      isQueueFull: context.commits.isFull(),
      blockTimeMs: context.blockTimeMs,
      record: context.record,
      register: context.register,
      receiptKey: context.receiptKey,
    })
    if (typeof entry === 'string') return Refusal.send(reply, entry)

    const outcome = await context.commits.submit(entry)
    if (outcome.kind !== 'durable') return Refusal.send(reply, REFUSED_OUTCOMES[outcome.kind])
    metrics.acknowledged(outcome.isNew)
    return reply.code(202).send({
      receipt: {
        ballotHash: `0x${entry.ballotHash.toString('hex')}`,
        pollId: entry.pollId,
        acceptedAtMs: outcome.acceptedAtMs,
        sealsAt: known.poll.sealsAt,
        signature: `0x${outcome.receiptSignature.toString('hex')}`,
      },
    })
  })
}

/** Counts after the answer, so that refusals by schema, body size and error are counted as well. */
function countRefusal(metrics: Metrics.Metrics): onResponseHookHandler {
  return (_request, reply, done) => {
    const code = Refusal.codeOf(reply)
    if (code !== undefined) metrics.refused(code)
    done()
  }
}
