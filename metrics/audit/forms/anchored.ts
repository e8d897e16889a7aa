import * as Anchor from '../../../scenarios/ballots/Anchor.ts'
import * as Events from './Events.ts'
import * as Form from './Form.ts'

/**
 * The ballots of a BallotAnchor: those of the calldata of every batch whose event says the same
 * root and number. The root is computed again from the ballots.
 */
export function decode(done: readonly Form.Done[], { main }: Form.Contracts): Form.Decoded {
  const decoded = Form.empty()
  for (const { transaction, outcome } of done) {
    const logs = outcome.logs.filter(({ address }) => address.toLowerCase() === main)
    decoded.polls.push(...logs.flatMap(Events.pollOf))
    const [event, ...more] = logs.filter(({ topics }) => topics[0] === BALLOTS_ANCHORED)
    if (event === undefined) continue
    const reason = (told: string): void => {
      decoded.contradictions.push({ transaction: transaction.hash, reason: told })
    }
    const isOwn = transaction.to?.toLowerCase() === main
    const ballots = isOwn ? ballotsOf(transaction.input) : undefined
    if (ballots === undefined || more.length > 0) {
      reason('ballots were anchored, the calldata does not hold them')
      continue
    }
    const root = Anchor.root(ballots)
    const [said, count] = [`0x${event.data.slice(2, 66)}`, Events.numbers(event.data.slice(66))[0]]
    if (said !== root) reason(`its ballots have the root ${root}, the event says ${said}`)
    if (count !== ballots.length) {
      reason(`it holds ${ballots.length} ballots, the event says ${count}`)
    }
    const at = decoded.transactions.push(transaction.hash) - 1
    decoded.roots.push({ root, transaction: transaction.hash })
    for (const ballot of ballots) {
      decoded.entries.push({ ...ballot, skipReason: 0, transaction: at, proof: NONE })
    }
  }
  return decoded
}

const NONE = { kind: 'none', bytes: new Uint8Array() } as const
const BALLOTS_ANCHORED = Anchor.ballotAnchor.getEvent('BallotsAnchored')?.topicHash

function ballotsOf(input: string): Anchor.Anchored[] | undefined {
  try {
    const [, packed] = Anchor.ballotAnchor.decodeFunctionData('anchor', input)
    return Anchor.decode(Buffer.from(String(packed).slice(2), 'hex'))
  } catch {
    return undefined
  }
}
