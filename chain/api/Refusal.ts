import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'

/**
 * Every answer that is not the one asked for: its code, its status, and what to do. The codes are
 * part of the interface. All of them are definite (the ballot was not stored by this request) but
 * `UNKNOWN`, `INTERNAL` and a connection that breaks.
 */
export const REFUSALS = {
  MALFORMED: [400, 'The request is not as /openapi.json describes it'],
  ROUTE_UNKNOWN: [404, 'There is nothing under this method and path; see /openapi.json.'],
  POLL_UNKNOWN: [404, 'There is no such poll; see GET /polls.'],
  RECEIPT_UNKNOWN: [404, 'No ballot with this hash was acknowledged.'],
  POLL_NOT_OPEN: [403, 'The poll is not open yet; come back at its opensAt.'],
  POLL_CLOSED: [410, 'The poll is closed; no ballot is accepted any more.'],
  BACKLOG: [503, 'A ballot taken now might miss the sealing of the poll. Try again.'],
  OVERLOADED: [503, 'Too many ballots are waiting to be stored. Try again.'],
  DATABASE_UNREACHABLE: [503, 'The database does not answer. Nothing was stored. Try again.'],
  STOPPING: [503, 'This server is stopping. Try again.'],
  CHOICE_OUT_OF_RANGE: [422, 'The poll has no option of this index.'],
  SIGNATURE_INVALID: [422, 'The signature is not the voter’s over this poll and choice.'],
  VOTER_NOT_REGISTERED: [
    403,
    'The poll is not for this index, or the register has another voter, or none, at it.',
  ],
  ALREADY_VOTED: [409, 'This voter has cast another ballot in this poll; the first one counts.'],
  TALLY_NOT_SEALED: [403, 'The poll is not sealed on the chain yet; come back after its sealsAt.'],
  CHAIN_UNREACHABLE: [503, 'The node does not answer. Try again.'],
  BODY_TOO_LARGE: [413, 'The body is larger than any ballot.'],
  MEDIA_TYPE_UNKNOWN: [415, 'The body must be application/json.'],
  UNKNOWN: [
    500,
    'The database broke off: the ballot may be stored or not. Send the same one again.',
  ],
  INTERNAL: [500, 'This server made a mistake and logged it. Send the same request again.'],
} as const satisfies Record<string, readonly [status: number, message: string]>

export type Code = keyof typeof REFUSALS

/** Seconds after which a 503 is worth another try: a queue or a crashed database clears in this. */
const RETRY_AFTER_S = 1

const Schema = Type.Object(
  { code: Type.String(), message: Type.String() },
  { additionalProperties: false, description: 'Refused; the code says why.' },
)

/** The answer schemas of a route that refuses with these codes. */
export function responses(...codes: Code[]): Record<number, typeof Schema> {
  const all: Code[] = [...codes, 'STOPPING', 'INTERNAL']
  return Object.fromEntries(
    all.map((code) => {
      const [status] = REFUSALS[code]
      const named = all.filter((other) => REFUSALS[other][0] === status).toSorted()
      return [status, { ...Schema, description: [...new Set(named)].join(', ') }]
    }),
  )
}

const sent = new WeakMap<FastifyReply, Code>()

/** Answers with a refusal, on any route and whatever that route's schemas are. */
export function send(reply: FastifyReply, code: Code, detail?: string): FastifyReply {
  const [status, message] = REFUSALS[code]
  sent.set(reply, code)
  if (status === 503) reply.header('retry-after', RETRY_AFTER_S)
  reply.type('application/json; charset=utf-8').serializer(JSON.stringify)
  return reply.code(status).send({
    code,
    message: detail === undefined ? message : `${message}: ${detail}`,
  })
}

/** The code that was sent, or `undefined` where the answer was no refusal. */
export function codeOf(reply: FastifyReply): Code | undefined {
  return sent.get(reply)
}

/** Whether a string, such as an error's code, is one of ours. */
export function isCode(code: string): code is Code {
  return Object.hasOwn(REFUSALS, code)
}
