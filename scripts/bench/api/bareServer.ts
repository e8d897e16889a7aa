import { readFileSync } from 'node:fs'

import { fastify } from 'fastify'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

import * as Address from '../../../scenarios/ballots/Address.ts'
import * as Ballot from '../../../scenarios/ballots/Ballot.ts'
import * as Receipt from '../../../scenarios/ballots/Receipt.ts'
import * as Signature from '../../../scenarios/ballots/Signature.ts'

/**
 * The least that a voting API can be: parses the body, recovers the voter from one signature, signs
 * one receipt. No register, no database, no promise kept.
 */
const Config = Type.Object({
  chainId: Type.Integer(),
  verifyingContract: Type.String(),
  pollId: Type.Integer(),
  /** 0x-prefixed. */
  pollDigest: Type.String(),
  sealsAt: Type.Integer(),
  receiptKeyFile: Type.String(),
})

const Body = Type.Object(
  {
    voter: Type.String({ pattern: '^0x[0-9a-f]{40}$' }),
    voterIndex: Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 }),
    choice: Type.Integer({ minimum: 0, maximum: 254 }),
    signature: Type.String({ pattern: '^0x[0-9a-f]{130}$' }),
  },
  { additionalProperties: false },
)

const OPTIONS_MAX = 255

const config = Value.Parse(Config, JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')))
const receiptKey = Buffer.from(readFileSync(config.receiptKeyFile, 'utf8'), 'hex')
const separator = Ballot.domainSeparator(config)
const pollDigest = Buffer.from(config.pollDigest.slice(2), 'hex')
const { pollId, sealsAt } = config
const digests = Array.from({ length: OPTIONS_MAX }, (_, choice) =>
  Ballot.digest(separator, { pollId, pollDigest, choice }),
)

const schema = { body: Body, response: { 202: Type.Object({ receipt: Receipt.Schema }) } }
const app = fastify()
app.post<{ Body: Static<typeof Body> }>('/polls/:pollId/ballots', { schema }, (request, reply) => {
  const { choice, signature, voter } = request.body
  const digest = digests[choice] ?? pollDigest
  const signer = Signature.recover(digest, Buffer.from(signature.slice(2), 'hex'))
  if (signer === undefined || Address.toHex(signer) !== voter) return reply.code(422).send()
  const ballotHash = `0x${Ballot.hash(digest, signer).toString('hex')}`
  const promise = { ballotHash, pollId, acceptedAtMs: Date.now(), sealsAt }
  return reply.code(202).send({ receipt: Receipt.sign(promise, receiptKey) })
})
process.once('SIGTERM', () => void app.close())
const url = await app.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`${JSON.stringify({ ready: true, url })}\n`)
