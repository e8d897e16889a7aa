import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type * as Facts from '../fixtures/chains/Facts.ts'
import * as RecordedNode from '../helpers/recordedNode.ts'
import * as Recording from '../helpers/Recording.ts'
import * as PlannedVoters from './PlannedVoters.ts'

/** A small city on a chain that was recorded: a poll, a plan, and what its voters were told. */
export type RecordedCity = PlannedVoters.PlannedVoters & {
  recording: Recording.Recording<Facts.Cast>
  facts: Facts.Cast
  /** The first block after the poll was opened. */
  fromBlock: number
  /** Shows the whole chain until it is told otherwise. */
  node: RecordedNode.RecordedNode
  registerFile: string
  dispose(): Promise<void>
}

/** @param name - `ballot-box` for ballots in batches, `direct` for voters' own transactions. */
export async function open(name: 'ballot-box' | 'direct'): Promise<RecordedCity> {
  const recording = Recording.load<Facts.Cast>(name)
  const { facts } = recording
  const folder = await mkdtemp(join(tmpdir(), 'ballotstorm-recorded-'))
  await Recording.unpack(recording, folder)
  const node = await RecordedNode.start(recording)
  const { contract: verifyingContract, chainId, seed, poll, startAtMs } = facts
  const domain = { chainId, verifyingContract }
  return {
    ...PlannedVoters.open({ folder, poll, domain, seed, startAtMs }),
    recording,
    facts,
    fromBlock: facts.fromBlock,
    node,
    registerFile: join(folder, 'register.bin'),
    async dispose() {
      await node.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
