import type { Kind } from '../contracts/Target.ts'
import type * as Block from './Block.ts'
import type { View } from './compareNodes.ts'
import type { Ledger } from './walk.ts'

type Given = {
  subject: Block.Subject
  rpcUrls: readonly string[]
  fromBlock?: number | undefined
  registerFile?: string | undefined
  receiptsFolder?: string | undefined
  receiptSigner?: string | undefined
  genesisHash?: string | undefined
  /** What the other nodes showed. */
  views: readonly View[]
  /** Receipts in the folder; undefined where there is none. */
  receiptCount: number | undefined
  /** Polls whose result no node told. */
  untold: number
}

/** What was not checked, and why: by the design, by the network, by what was given. */
export function limitsOf(ledger: Ledger, given: Given): string[] {
  return [...ofDesign(given), ...ofNetwork(ledger, given), ...ofOptions(ledger, given)]
}

const BY_KIND: Readonly<Record<Kind, readonly string[]>> = {
  'ballot-box': ['Who is behind an address: the register is only a list of them.'],
  anchored: [
    'Whether a voter wanted the ballot: under this design nobody signs it, the service writes it.',
    'Whether the service left ballots out: only a voter with a receipt can show that.',
    'The published result: the contract counts ballots, not choices; compare the recount.',
  ],
  'active-citizen-2017': [
    'Whether a voter wanted the ballot: under this design nobody signs it, the service writes it.',
    'Whether the service left ballots out: only a voter with a receipt can show that.',
    'When ballots may count: the contracts of 2017 have neither opening nor sealing.',
    'Votes that a contract passed on: they stand in no transaction of the service.',
  ],
}

/** Where the chain alone does not tell who may vote. */
const WITHOUT_REGISTER: Readonly<Record<Kind, readonly string[]>> = {
  'ballot-box': [],
  anchored: ['Who may vote: the register is not on the chain; give --register FILE.'],
  'active-citizen-2017': ['Who may vote: no contract holds a register; give --register FILE.'],
}

function ofDesign({ subject, registerFile }: Given): string[] {
  const { kind } = subject
  return [...BY_KIND[kind], ...(registerFile === undefined ? WITHOUT_REGISTER[kind] : [])]
}

function ofNetwork({ chain }: Ledger, given: Given): string[] {
  const { subject, rpcUrls, genesisHash, views, untold } = given
  const sentences: string[] = []
  if (subject.consensus === 'none') {
    sentences.push('Seals: this network has none, so one node can make up a whole chain.')
  }
  if (genesisHash === undefined) {
    sentences.push(
      'That this is the right chain: compare the genesis hash with the published one, or give --genesis HASH.',
    )
  }
  if (rpcUrls.length === 1) {
    sentences.push('Whether other nodes show the same chain: only one was asked.')
  }
  for (const { node, height, agreesTo } of views) {
    if (height === -1) sentences.push(`What ${node} shows: it gave no answer.`)
    else if (agreesTo === undefined) {
      sentences.push(`What ${node} shows: it has too few blocks to be compared, or another chain.`)
    }
  }
  if (untold > 0 && subject.kind !== 'anchored') {
    sentences.push(`The published result of ${untold} poll(s): the node that was read told none.`)
  }
  if (chain.brokenCount > 0) {
    sentences.push(
      `The ballots of ${chain.brokenCount} blocks that no node shows in a form that holds: results and receipts are not judged.`,
    )
  }
  return sentences
}

function ofOptions({ polls }: Ledger, given: Given): string[] {
  const sentences: string[] = []
  const { fromBlock = 1, receiptsFolder, receiptSigner, receiptCount } = given
  if (fromBlock > 1) {
    sentences.push(
      `Blocks before ${fromBlock}: polls and ballots in them are not seen, and the validators are taken from block ${fromBlock} itself.`,
    )
  }
  if (receiptsFolder === undefined) sentences.push('Receipts: none were given (--receipts DIR).')
  else if (receiptCount === 0) sentences.push('Receipts: the folder holds none.')
  else if (receiptSigner === undefined) {
    sentences.push(
      "Who signed the receipts: give the service's address by --receipt-signer. Until then none proves that a ballot was lost.",
    )
  }
  const unnamed = polls.all().reduce((sum, { counts }) => sum + counts.unnamedCount, 0)
  if (unnamed > 0) {
    sentences.push(
      `Whether a user voted twice: the keys of ${unnamed} votes name no voter of a register.`,
    )
  }
  const unbound = polls.all().filter(({ poll, isBound }) => poll.binding !== undefined && !isBound)
  if (unbound.length > 0) {
    sentences.push(
      `To which voters ${unbound.length} polls are bound: the register is missing or another one.`,
    )
  }
  return sentences
}
