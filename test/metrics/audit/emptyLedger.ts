import * as Ballots from '../../../metrics/audit/Ballots.ts'
import * as Finding from '../../../metrics/audit/Finding.ts'
import * as Polls from '../../../metrics/audit/Polls.ts'
import type { Ledger } from '../../../metrics/audit/walk.ts'
import type { Rpc } from '../../../metrics/rpc/Rpc.ts'
import type * as Voters from '../../../metrics/audit/Voters.ts'

/** A ledger before its first block. */
export function emptyLedger(
  options: { nodes?: Rpc[]; fileVoters?: Voters.Voters; isRecorded?: boolean } = {},
): Ledger {
  const { nodes = [], fileVoters, isRecorded = false } = options
  return {
    polls: Polls.create({ nodes, fileVoters }),
    ballots: Ballots.create({ isRecorded }),
    findings: Finding.collect({ count: 0, listed: [] }),
    chain: {
      number: 0,
      hash: `0x${'ab'.repeat(32)}`,
      timestamp: 100,
      validators: { kind: 'none', members: [], votes: [], recent: [] },
      brokenCount: 0,
    },
    roots: new Map(),
    pushes: new Map(),
    checks: { signatures: 0, samples: 0, transactions: 0, blocks: 0 },
  }
}
