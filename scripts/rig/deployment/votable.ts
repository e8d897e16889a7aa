import { Type } from 'typebox'

import * as Reader from '../../../chain/contracts/Reader.ts'
import * as ActiveCitizen2017 from '../../../scenarios/ballots/ActiveCitizen2017.ts'
import * as Address from '../../../scenarios/ballots/Address.ts'
import * as Register from '../../../scenarios/ballots/Register.ts'
import { UsageError } from '../../UsageError.ts'

export type Options = Reader.Node & {
  /** Where the run's votes shall go. */
  questions: readonly ActiveCitizen2017.Question[]
  /** 32 bytes: who shall send them. */
  ownerKey: Uint8Array
}

/** Questions that are asked about at once. */
const AT_ONCE = 16

/**
 * Finds the questions of a deployment of somebody else's that take no vote of this account, though
 * others do. A run would count every ballot in them as lost, which would not be the system's fault.
 *
 * @throws {UsageError} where no question takes one: then it is the account that may not vote.
 */
export async function findClosed<Question extends ActiveCitizen2017.Question>(
  options: Reader.Node & { questions: readonly Question[]; ownerKey: Uint8Array },
): Promise<Question[]> {
  const { questions, ownerKey } = options
  const account = Address.toHex(Address.fromPrivateKey(ownerKey))
  const closed: Question[] = []
  for (let first = 0; first < questions.length; first += AT_ONCE) {
    const some = questions.slice(first, first + AT_ONCE)
    const denied = await Promise.all(some.map((question) => isDenied(options, question, account)))
    closed.push(...some.filter((_, index) => denied[index]))
  }
  if (closed.length === 0 || closed.length < questions.length) return closed
  throw new UsageError([
    `--owner-key-file: a vote of its account ${account} would change nothing at any of the ${questions.length} question(s), ${questions.map(({ address }) => address).join(', ')}. Give the key of their owner, unless all are closed.`,
  ])
}

/** Nobody's: that user has not voted. */
const FRESH_USER_KEY = 'f'.repeat(48)

/** Gas of a transaction before anything runs, and of its calldata by byte, since Istanbul. */
const GAS = { transaction: 21_000, zeroByte: 4, otherByte: 16 } as const

/** Gas of the cheapest write to storage that was empty, under any rules: a vote makes several. */
const GAS_OF_A_WRITE = 20_000

/**
 * Nothing in the interface tells who the owner is, and a vote of anybody else succeeds and does
 * nothing. But the node can say what it would cost: less than one write is no vote. Older rules,
 * under which calldata costs more, make this blind, never wrong.
 */
async function isDenied(
  node: Reader.Node,
  question: ActiveCitizen2017.Question,
  from: string,
): Promise<boolean> {
  const values = [question.version, FRESH_USER_KEY, [0], '', '']
  const data = ActiveCitizen2017.question.encodeFunctionData('vote', values)
  const params = [{ from, to: question.address, data }]
  // A node that does not tell proves nothing: then the books have the last word, as always.
  const estimate = await Reader.ask(
    node,
    { method: 'eth_estimateGas', params },
    Type.String(),
  ).catch(() => undefined)
  if (estimate === undefined) return false
  return Number(estimate) < intrinsicGas(data) + GAS_OF_A_WRITE
}

function intrinsicGas(data: string): number {
  const bytes = Buffer.from(data.slice(2), 'hex')
  const zeros = bytes.filter((byte) => byte === 0).length
  return GAS.transaction + zeros * GAS.zeroByte + (bytes.length - zeros) * GAS.otherByte
}

/** Where one voter in fifty has voted, these miss all of them once in 200 times; then the books tell. */
const VOTERS_ASKED = 256

/**
 * Looks at some voters, spread over the register: whoever ran with this seed before used these.
 *
 * @param options - `registerFile`: whose votes they shall be.
 * @throws {UsageError} where one has voted already.
 */
export async function assertFreshVoters(
  options: Options & { registerFile: string },
): Promise<void> {
  const [question] = options.questions
  if (question === undefined) return
  const register = Register.open(options.registerFile)
  try {
    const step = Math.max(1, Math.floor(register.voterCount / VOTERS_ASKED))
    for (let first = 0; first < register.voterCount; first += step * AT_ONCE) {
      const some = Array.from({ length: AT_ONCE }, (_, place) => first + place * step)
      const asked = some.flatMap((voterIndex) => {
        const voter = register.at(voterIndex)
        return voter === undefined ? [] : [{ voterIndex, voter: Address.toHex(voter) }]
      })
      const votes = await Promise.all(asked.map((voter) => hasVoted(options, question, voter)))
      const found = asked[votes.indexOf(true)]
      if (found === undefined) continue
      throw new UsageError([
        `--seed: voter ${found.voterIndex} (${found.voter}) of this seed has voted at the question ${question.address} already, in a run before this one. Take another --seed.`,
      ])
    }
  } finally {
    register.close()
  }
}

async function hasVoted(
  node: Reader.Node,
  { address }: ActiveCitizen2017.Question,
  { voterIndex, voter }: { voterIndex: number; voter: string },
): Promise<boolean> {
  const [options] = await Reader.read(node, {
    to: address,
    wire: ActiveCitizen2017.question,
    method: 'VoteOfUser',
    args: [ActiveCitizen2017.userKey(voterIndex, voter)],
  })
  return options.length > 0
}
