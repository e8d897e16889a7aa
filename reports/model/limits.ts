import type { Run } from '../../metrics/Run.ts'

/** What no figure in this report can show, by design or by the rig; said in every report. */
export function limits(run: Run): string[] {
  return [
    'There is no ballot secrecy: whoever reads the chain sees which key chose what.',
    'There is no freedom from receipts: a voter can prove a choice to somebody who buys or forces it.',
    'Interim results are visible to every node while the poll is open.',
    'The voters are simulated, and their keys follow from the seed of the run: nothing is said about how people keep keys.',
    ...rig(run),
  ]
}

function rig({ network }: Run): string[] {
  if (network.kind === 'anvil' || network.kind === 'hardhat') {
    return [
      `The network was a single ${network.kind} process without consensus: its block times and finality say nothing about a network of several validators.`,
    ]
  }
  if (network.kind === 'external') return []
  return [
    'All validators ran on one machine over loopback: distance, lost packets and separate disks are not part of the figures.',
  ]
}
