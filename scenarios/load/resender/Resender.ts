import { BallotstormError } from '../../runtime/BallotstormError.ts'
import * as Address from '../../ballots/Address.ts'
import { keccak256 } from '../../ballots/keccak256.ts'
import * as LegacyTransaction from '../../ballots/LegacyTransaction.ts'
import * as Spool from '../../ballots/Spool.ts'
import * as Electorate from '../../population/Electorate.ts'
import type { LineTail } from '../../runtime/LineTail.ts'
import * as HistoryLine from '../HistoryLine.ts'
import * as Outcome from '../Outcome.ts'
import type { Plan } from '../../schedule/Plan.ts'
import * as ChainTail from './ChainTail.ts'
import * as JsonRpc from './JsonRpc.ts'
import * as Ledger from './Ledger.ts'
import * as VoterIndex from './VoterIndex.ts'

/**
 * The voters who look whether their own transaction was mined. A node's pool may lose what it
 * acknowledged; then the same signed transaction goes to another node.
 */
export type Resender = {
  /** One look at history and chain, and the resends that are due. */
  look(): Promise<void>
  counts(): ReturnType<Ledger.Ledger['counts']>
}

export type Options = {
  plan: Plan
  spool: Spool.Spool
  /** What the generators wrote. */
  histories: readonly LineTail[]
  record: (resend: HistoryLine.Resend) => void
  rpcUrls: readonly string[]
  resendAfterMs: number
  resendsPerSMax: number
  triesMax: number
  pollMs: number
  now: () => number
}

/** Chunks of history taken in one look; keeps a look short where the file is long. */
const CHUNKS_PER_LOOK = 8

/** Voters whose nonce is asked for in one request. */
const NONCES_PER_REQUEST = 200

/**
 * Begins with an empty ledger. Memory: 54 bytes a ballot at most, those of {@link Ledger.Ledger} and
 * {@link VoterIndex.VoterIndex}.
 *
 * @throws {WrongPathError} where the ballots are no transactions.
 */
export function create(options: Options): Resender {
  const { plan, rpcUrls, now, resendAfterMs } = options
  if (plan.path !== 'rpc') throw new WrongPathError(plan.scenario)
  const voters = VoterIndex.create(options.spool)
  const ledger = Ledger.create(plan.ballotCount)
  const chain = ChainTail.create()
  const context: Context = { options, voters, ledger, later: () => now() + resendAfterMs }
  const events: ChainTail.Events = {
    block(hashes) {
      const ballots = hashes.flatMap((hash) => ledger.ballotOf(hash) ?? [])
      ballots.forEach((ballot) => ledger.mine(ballot))
      return ballots
    },
    vanished: (ballots) => ballots.forEach((ballot) => ledger.unmine(ballot, context.later())),
  }
  let looks = 0
  return {
    async look() {
      readHistory(context)
      const url = rpcUrls[looks % rpcUrls.length] ?? ''
      looks += 1
      await chain.read(url, events)
      await resendDue(context, url)
    },
    counts: () => ledger.counts(),
  }
}

type Context = {
  options: Options
  voters: VoterIndex.VoterIndex
  ledger: Ledger.Ledger
  /** When a ballot that is looked after now is looked after again. */
  later: () => number
}

function readHistory(context: Context): void {
  for (const history of context.options.histories) {
    for (let chunk = 0; chunk < CHUNKS_PER_LOOK; chunk += 1) {
      const lines = history.read()
      if (lines.length === 0) break
      lines.forEach((line) => note(context, line))
    }
  }
}

function note({ options, ledger, later }: Context, line: string): void {
  const attempt = HistoryLine.parseAttempt(line)
  if (attempt === undefined || attempt.ballot >= options.plan.ballotCount) return
  const outcome = Outcome.ofAttempt('rpc', attempt.status, attempt.body)
  if (outcome === 'indeterminate') ledger.doubt(attempt.ballot)
  if (outcome !== 'acknowledged') return
  // The hash is computed, not taken from the answer: a node may lie.
  const hash = keccak256(transaction(options.spool, attempt.ballot)).toString('hex')
  ledger.acknowledge(attempt.ballot, `0x${hash}`, later())
}

async function resendDue(context: Context, url: string): Promise<void> {
  const { options, voters, ledger } = context
  const dueMax = Math.max(1, Math.floor((options.resendsPerSMax * options.pollMs) / 1000))
  const ballots = ledger.due(options.now(), Math.min(dueMax, NONCES_PER_REQUEST))
  if (ballots.length === 0) return
  const counts = await JsonRpc.batch(
    url,
    ballots.map((ballot) => ({
      method: 'eth_getTransactionCount',
      params: [voterAddress(options.plan.seed, voters.voterOf(ballot)), 'latest'],
    })),
  )
  await Promise.all(ballots.map((ballot, index) => lookAfter(context, ballot, counts[index])))
}

/** A node that gives no transaction count is asked again later. */
async function lookAfter(
  context: Context,
  ballot: number,
  transactionCount: unknown,
): Promise<void> {
  const { options, ledger, later } = context
  if (typeof transactionCount === 'string' && /^0x[0-9a-f]+$/i.test(transactionCount)) {
    const minedCount = Number(transactionCount)
    if (minedCount > nonceOf(options.spool, ballot)) return ledger.mine(ballot)
    const blocking = lowestMissing(context, ballot, minedCount)
    if (blocking !== undefined) await resend(context, ballot, blocking)
  }
  if (ledger.state(ballot) === 'missing') ledger.wait(ballot, later())
}

/**
 * The voter's ballot with the lowest missing nonce: it keeps the later ones from being mined. Where
 * nobody has tried that one yet, the ballot itself; undefined where another machine fires it: until
 * it has, nothing is lost, and no try is used up.
 */
function lowestMissing(
  { options, voters, ledger }: Context,
  ballot: number,
  minedCount: number,
): number | undefined {
  for (const earlier of voters.backFrom(ballot)) {
    const nonce = nonceOf(options.spool, earlier)
    if (nonce === minedCount) return ledger.state(earlier) === 'quiet' ? ballot : earlier
    if (nonce < minedCount) break
  }
  return undefined
}

async function resend(
  { options, ledger }: Context,
  ballot: number,
  blocking: number,
): Promise<void> {
  const tries = ledger.tried(ballot)
  const url = options.rpcUrls[(ballot + tries) % options.rpcUrls.length] ?? ''
  const answer = await JsonRpc.post(url, {
    jsonrpc: '2.0',
    id: blocking,
    method: 'eth_sendRawTransaction',
    params: [`0x${transaction(options.spool, blocking).toString('hex')}`],
  })
  options.record({ ballot: blocking, atMs: options.now(), ...answer })
  if (tries >= options.triesMax) ledger.giveUp(ballot)
}

function transaction(spool: Spool.Spool, ballot: number): Buffer {
  return Spool.decodeTransaction(spool.read(ballot, 1), 0)
}

/** As it was signed: other orders, segments and storms count in other ways. */
function nonceOf(spool: Spool.Spool, ballot: number): number {
  return LegacyTransaction.nonceOf(transaction(spool, ballot))
}

function voterAddress(seed: string, voterIndex: number): string {
  return Address.toHex(Address.fromPrivateKey(Electorate.privateKey(seed, voterIndex)))
}

/** A plan is to be resent whose ballots go by an API. */
export class WrongPathError extends BallotstormError {
  override readonly name = 'Resender.WrongPathError'
  readonly code = 'RESENDER_WRONG_PATH'
  readonly exitCode = 104
  readonly remedy = 'Start the resender only for plans of the path rpc.'
  constructor(scenario: string) {
    super(`This plan of ${scenario} goes by an API.`)
  }
}
