import type { Benchmark } from './Benchmark.ts'
import { directAgainstEthers } from './directAgainstEthers.ts'
import { feederMemory } from './feederMemory.ts'
import { presignMemory } from './presignMemory.ts'
import { registerAddress } from './registerAddress.ts'
import { relayedAgainstEthers } from './relayedAgainstEthers.ts'
import { relayedRecord } from './relayedRecord.ts'
import { twoWorkers } from './twoWorkers.ts'

/** All benchmarks, in the order of the table. */
export const benchmarks: readonly Benchmark[] = [
  relayedRecord,
  relayedAgainstEthers,
  directAgainstEthers,
  registerAddress,
  twoWorkers,
  presignMemory,
  feederMemory,
]
