import * as ActiveCitizen2017 from '../../../scenarios/ballots/ActiveCitizen2017.ts'
import type { Entry, Proof } from '../Entries.ts'
import * as TransactionReceipt from '../../ethereum/TransactionReceipt.ts'
import * as Form from './Form.ts'

/**
 * The votes of the system of 2017: the calldata of every vote that no event says was refused. The
 * poll is the question's place, from 1.
 */
export function decode(done: readonly Form.Done[], contracts: Form.Contracts): Form.Decoded {
  const decoded = Form.empty()
  const places = new Map(contracts.questions.map(({ address }, index) => [address, index]))
  for (const one of done) {
    const to = one.transaction.to?.toLowerCase() ?? ''
    const place = places.get(to)
    const isDenied = !TransactionReceipt.isDone(one.outcome) || logged(one, to, ACCESS_DENIED)
    if (to === contracts.main && !isDenied) addPush(decoded, one)
    if (place === undefined || isDenied) continue
    const version = contracts.questions[place]?.version ?? -1
    addVote(decoded, one, { to, pollId: place + 1, version })
  }
  return decoded
}

const ACCESS_DENIED = ActiveCitizen2017.owned.getEvent('AccessDenied')?.topicHash
const VOTE_ERROR = ActiveCitizen2017.question.getEvent('VoteError')?.topicHash

/** The code of a `VoteError`, and the reason that it stands for. */
const VOTED_ALREADY = { code: 1, skipReason: 7 }

/** One vote of many options takes a record for each; more are not a vote but an attack. */
const OPTIONS_MAX = 255

type Target = { to: string; pollId: number; version: number }

function addVote(decoded: Form.Decoded, done: Form.Done, { to, pollId, version }: Target): void {
  const { transaction } = done
  const vote = parse(ActiveCitizen2017.question, 'vote', transaction.input)
  if (vote === undefined) return
  const [saidVersion, key, options] = vote
  const choices = Array.isArray(options) ? options.map(Number) : []
  const code = errorOf(done, to)
  if (code !== undefined && code !== VOTED_ALREADY.code) return
  const at = decoded.transactions.push(transaction.hash) - 1
  const contradict = (reason: string): void => {
    decoded.contradictions.push({ transaction: transaction.hash, reason })
  }
  if (Number(saidVersion) !== version) {
    return contradict(`a vote in version ${String(saidVersion)}, the poll is in version ${version}`)
  }
  if (choices.length > OPTIONS_MAX || choices.some((choice) => choice > OPTIONS_MAX)) {
    return contradict(`a vote of ${choices.length} options, up to ${Math.max(...choices)}`)
  }
  const { voterIndex, proof } = voterOf(String(key))
  const skipReason = code === undefined ? 0 : VOTED_ALREADY.skipReason
  const entry: Entry = { pollId, voterIndex, choice: 0, skipReason, transaction: at, proof }
  choices.forEach((choice, index) => {
    const more = { kind: 'more', bytes: new Uint8Array() } as const
    decoded.entries.push({ ...entry, choice, proof: index === 0 ? proof : more })
  })
  if (skipReason === 0 && choices.length !== 1) {
    contradict(`a vote of ${choices.length} options, of which each counts: ${choices.join(', ')}`)
  }
}

function voterOf(key: string): { voterIndex: number; proof: Proof } {
  const named = ActiveCitizen2017.voterOf(key)
  if (named === undefined) {
    return { voterIndex: 0, proof: { kind: 'foreign', bytes: new Uint8Array() } }
  }
  const bytes = Buffer.from(named.voter.slice(2), 'hex')
  return { voterIndex: named.voterIndex, proof: { kind: 'key', bytes } }
}

function addPush(decoded: Form.Decoded, { transaction }: Form.Done): void {
  const push = parse(ActiveCitizen2017.root, 'pushAddress', transaction.input)
  if (push === undefined) return
  const [poll, address] = [String(push[0]), String(push[1]).toLowerCase()]
  decoded.pushes.push({ poll, address, transaction: transaction.hash })
}

function errorOf({ outcome }: Form.Done, question: string): number | undefined {
  const log = outcome.logs.find(
    ({ address, topics }) => address.toLowerCase() === question && topics[0] === VOTE_ERROR,
  )
  return log && Number(ActiveCitizen2017.question.parseLog(log)?.args[3] ?? 0)
}

function logged({ outcome }: Form.Done, contract: string, topic: string | undefined): boolean {
  return outcome.logs.some(
    ({ address, topics }) => address.toLowerCase() === contract && topics[0] === topic,
  )
}

function parse(
  wire: typeof ActiveCitizen2017.root,
  name: string,
  input: string,
): unknown[] | undefined {
  try {
    return wire.decodeFunctionData(name, input).toArray(true)
  } catch {
    return undefined
  }
}
