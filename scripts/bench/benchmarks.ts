import { anchoredDrain } from './anchoredDrain.ts'
import { apiAlone } from './apiAlone.ts'
import type { Benchmark } from './Benchmark.ts'
import { blast } from './blast.ts'
import { booksScale } from './booksScale.ts'
import { directAgainstEthers } from './directAgainstEthers.ts'
import { directThroughput } from './directThroughput.ts'
import { feederMemory } from './feederMemory.ts'
import { presignMemory } from './presignMemory.ts'
import { registerAddress } from './registerAddress.ts'
import { relayedAgainstEthers } from './relayedAgainstEthers.ts'
import { relayedDrain } from './relayedDrain.ts'
import { relayedRecord } from './relayedRecord.ts'
import { relayedThroughput } from './relayedThroughput.ts'
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
  booksScale,
  blast,
  directThroughput,
  relayedDrain,
  relayedThroughput,
  anchoredDrain,
  apiAlone,
]
