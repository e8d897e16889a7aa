import { setTimeout as sleep } from 'node:timers/promises'

import { Client } from 'pg'

import type { Ballot } from '../../chain/relayer/Call.ts'
import * as Config from '../../chain/relayer/Config.ts'
import type { Claim, Journal } from '../../chain/relayer/Journal.ts'
import { SEAMS, start, type Seams } from '../../chain/relayer/start.ts'
import * as Process from '../../scenarios/runtime/Process.ts'
import * as Lie from './Lie.ts'

/**
 * A relayer that lies about what it takes out of the outbox: it alters a ballot, drops one as if it
 * were carried, carries one twice, makes one up, and holds one back until its poll is sealed. All
 * else of it is the product's own.
 */
const LIES = ['alter', 'drop', 'double', 'add', 'delay'] as const

/** After the sealing the chain needs a block that is past it. */
const LATE_MS = 1500

type Told = (typeof LIES)[number]

const config = Config.read(process.argv[2])
const lies: Told[] = [...LIES]
/** Ballots that are lied about, also where they come out of the outbox once more. */
const victims = new Map<string, Told>()
/** To be carried a second time, with the next claim. */
let again: Ballot[] = []

/** At most one lie a claim, and never about its only ballot: an empty batch would give it away. */
function lieIn({ batchId, ballots }: Claim): Claim {
  const carried = [...again.splice(0), ...ballots.flatMap(asToldOf)]
  const victim = ballots.findLast(
    (ballot) => Lie.isVictimOf('relayer', ballot.voterIndex) && !victims.has(keyOf(ballot)),
  )
  const lie = victim === undefined || carried.length < 2 ? undefined : lies.shift()
  if (victim === undefined || lie === undefined) return { batchId, ballots: carried }
  victims.set(keyOf(victim), lie)
  Lie.tell({ lie, ...(lie === 'add' ? strangerLike(victim) : victim) })
  if (lie === 'delay') bringLate(victim).catch(() => undefined)
  const others = carried.filter((ballot) => ballot !== victim)
  return { batchId, ballots: [...others, ...asToldOf(victim)] }
}

/** What is carried in place of a ballot. */
function asToldOf(ballot: Ballot): Ballot[] {
  const lie = victims.get(keyOf(ballot))
  if (lie === 'double') again = [ballot]
  if (lie === 'drop' || lie === 'delay') return []
  if (lie === 'alter') return [{ ...ballot, choice: ballot.choice === 0 ? 1 : 0 }]
  return lie === 'add' ? [ballot, strangerLike(ballot)] : [ballot]
}

function strangerLike(ballot: Ballot): Ballot {
  return { ...ballot, voterIndex: Lie.STRANGERS.relayer }
}

function keyOf({ pollId, voterIndex }: Ballot): string {
  return `${pollId}/${voterIndex}`
}

/** Puts the ballot back into the outbox once its poll is sealed. */
async function bringLate(ballot: Ballot): Promise<void> {
  const { pollId, voterIndex } = ballot
  const client = new Client(config.postgresUrl)
  client.on('error', () => undefined)
  await client.connect()
  const { rows } = await client.query<{ seals_at: string }>(
    'select seals_at from polls where poll_id = $1',
    [pollId],
  )
  const atMs = Number(rows[0]?.seals_at) * 1000 + LATE_MS
  await sleep(atMs - Date.now(), undefined, { ref: false })
  victims.delete(keyOf(ballot))
  await client.query('update ballots set batch_id = null where poll_id = $1 and voter_index = $2', [
    pollId,
    voterIndex,
  ])
  await client.end()
}

const seams: Seams = {
  ...SEAMS,
  async openSession(options) {
    const session = await SEAMS.openSession(options)
    const journal: Journal = {
      ...session.journal,
      claim: async (size) => (await session.journal.claim(size)).map(lieIn),
    }
    return { ...session, journal }
  },
}

await Process.run(
  () => config,
  () => start(config, seams),
)
