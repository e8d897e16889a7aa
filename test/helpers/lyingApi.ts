import { randomBytes } from 'node:crypto'

import { Client } from 'pg'

import * as Config from '../../chain/api/Config.ts'
import * as GroupCommit from '../../chain/api/GroupCommit.ts'
import { start } from '../../chain/api/start.ts'
import * as Process from '../../scenarios/runtime/Process.ts'
import * as Lie from './Lie.ts'

/**
 * An API that lies between the door and the database: it acknowledges a ballot and drops it, stores
 * another choice, stores a ballot twice, makes one up, and answers before it writes and is killed.
 * All else of it is the product's own.
 */
type Told = 'drop' | 'alter' | 'double' | 'add' | 'kill'

const config = Config.read(process.argv[2])

/**
 * From which arrival on it looks for a voter to lie about. Where it tells the result it stays alive,
 * so that the result can be compared.
 */
const LIES: [Told, arrival: number][] = [
  ['drop', 5],
  ['alter', 15],
  ['double', 25],
  ['add', 35],
  ...(config.record === 'chain' ? [['kill', 60] satisfies [Told, number]] : []),
]

/** Time for the answer to leave. */
const DEATH_MS = 300

/** The honest database would store no voter twice. */
async function unguard(): Promise<void> {
  const client = new Client(config.postgresUrl)
  await client.connect()
  await client.query('alter table ballots drop constraint ballots_poll_id_voter_index_key')
  await client.end()
}

function lying(commits: GroupCommit.GroupCommit): GroupCommit.GroupCommit {
  let arrivals = 0
  return {
    ...commits,
    async submit(entry) {
      arrivals += 1
      const [lie, arrival] = LIES[0] ?? []
      const isNow = lie !== undefined && arrival !== undefined && arrivals >= arrival
      if (!isNow || !Lie.isVictimOf('api', entry.voterIndex)) return commits.submit(entry)
      LIES.shift()
      const stranger = { ...entry, ballotHash: randomBytes(32), voterIndex: Lie.STRANGERS.api }
      Lie.tell({ lie, ...(lie === 'add' ? stranger : entry) })
      const { acceptedAtMs, receiptSignature } = entry
      if (lie === 'alter') return commits.submit({ ...entry, choice: entry.choice === 0 ? 1 : 0 })
      if (lie === 'double') await commits.submit({ ...entry, ballotHash: randomBytes(32) })
      if (lie === 'add') await commits.submit(stranger)
      if (lie === 'double' || lie === 'add') return commits.submit(entry)
      if (lie === 'kill') setTimeout(() => process.kill(process.pid, 'SIGKILL'), DEATH_MS)
      return { kind: 'durable', isNew: true, acceptedAtMs, receiptSignature }
    },
  }
}

await unguard()
await Process.run(
  () => config,
  () => start(config, { createCommits: (options) => lying(GroupCommit.create(options)) }),
)
