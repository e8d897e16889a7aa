import type { Network, Run } from '../../metrics/Run.ts'

/** No design of this project gives these; the words for them stand in the design's own limits. */
const NEVER_GIVEN = [
  {
    topic: /ballot secrecy/i,
    sentence: 'No ballot secrecy: whoever reads the record sees who chose what.',
  },
  {
    topic: /freedom from receipts/i,
    sentence: 'No freedom from receipts: a voter can prove the choice to a buyer.',
  },
  { topic: /interim results/i, sentence: 'Interim results are visible while the poll is open.' },
] as const

/**
 * What no figure in this report can show, by design or by the rig. Every report says so: what the
 * record's own notes leave out is added here.
 */
export function limits(run: Run): string[] {
  const unsaid = NEVER_GIVEN.filter(({ topic }) => !run.notes.some((note) => topic.test(note)))
  return [
    ...ofWitness(run),
    ...unsaid.map(({ sentence }) => sentence),
    'The voters are simulated, and their keys follow from the seed of the run: nothing is said about how people keep keys.',
    ...rig(run),
  ]
}

/** What balanced books do not mean, where the chain is not the record. */
function ofWitness({ witness }: Run): string[] {
  if (witness === 'database') {
    return [
      'The books are not independent: they were held against the database whose operator one has to trust, over an account that can only read it.',
    ]
  }
  if (witness === 'mirror') {
    return [
      'The books were held against the mirror on the chain. That a voter signed what stands there, only the harness knows, which made the voters: nobody else can check it.',
    ]
  }
  return []
}

function rig({ network, sources }: Run): string[] {
  if (network === null) return []
  // Older records do not say what the witness could check.
  const isUnsealed = sources?.seals === 'none' || UNSEALED_KINDS.includes(network.kind)
  if (isUnsealed && network.kind !== 'external') {
    return [
      `The network was a single ${network.kind} process without consensus: its block times and finality say nothing about a network of several validators.`,
    ]
  }
  return [...ofFinality(network), ...ofMachine(network)]
}

const UNSEALED_KINDS = ['anvil', 'hardhat']

/** What is final by depth is final by a bet, not by the rules of the network. */
function ofFinality({ finality }: Network): string[] {
  if (finality.kind !== 'depth') return []
  return [
    `A ballot counted as final ${finality.depth} blocks deep. Nothing in this network forbids a deeper reorganisation: a majority of its validators can make one.`,
  ]
}

function ofMachine({ kind }: Network): string[] {
  if (kind === 'external') return []
  return [
    'All validators ran on one machine over loopback: distance, lost packets and separate disks are not part of the figures.',
  ]
}
