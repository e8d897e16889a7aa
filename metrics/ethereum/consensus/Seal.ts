import * as Signature from '../../../scenarios/ballots/Signature.ts'
import * as Address from '../../../scenarios/ballots/Address.ts'
import * as Header from '../Header.ts'
import * as Rlp from '../Rlp.ts'
import * as Qbft from './Qbft.ts'

/** Who sealed a block, recomputed from the seals; addresses in lower-case hex. */
export type Seal =
  | { kind: 'none' }
  | {
      kind: 'qbft'
      proposer: string
      /** The set that the header names. */
      validators: string[]
      signers: string[]
      vote: Qbft.Extra['vote']
    }
  | {
      kind: 'clique'
      /** `undefined` where the seal is none. */
      signer: string | undefined
      /** The set that a checkpoint names. */
      validators: string[]
      vote: { recipient: string; isFor: boolean | undefined }
      difficulty: number
    }

export type Kind = Seal['kind']

/** Reads and recovers the seals of a block. */
export function read(header: Header.Header, kind: Kind): Seal {
  if (kind === 'qbft') return readQbft(header)
  return kind === 'clique' ? readClique(header) : { kind }
}

/** The consensus that a genesis block sets up: each writes its validators in a form of its own. */
export function kindOf(genesis: Header.Header): Kind {
  if (genesis.mixHash === Qbft.MIX_HASH) return 'qbft'
  return isSignersList(genesis.extraData) ? 'clique' : 'none'
}

/** How many of the validators sealed a block. */
export function countOf(seal: Seal, members: readonly string[]): number {
  if (seal.kind === 'none') return 0
  const signers = seal.kind === 'qbft' ? seal.signers : [seal.signer]
  return new Set(signers.filter((signer) => signer !== undefined && members.includes(signer))).size
}

/** Bytes before the signers in Clique's `extraData`, and of the seal after them. */
export const VANITY_BYTES = 32
export const SEAL_BYTES = 65

function isSignersList(extraData: string): boolean {
  const rest = Rlp.bytes(extraData).length - VANITY_BYTES - SEAL_BYTES
  return rest > 0 && rest % Address.SIZE_BYTES === 0
}

function readQbft(header: Header.Header): Seal {
  const extra = Qbft.parse(header.extraData)
  const unsealed = extra && Qbft.unsealed(header.extraData, extra.round)
  const proposer = header.miner.toLowerCase()
  if (extra === undefined || unsealed === undefined) {
    return { kind: 'qbft', proposer, validators: [], signers: [], vote: undefined }
  }
  const sealed = Header.hashWith(header, unsealed)
  const signers = extra.seals.flatMap((seal) => recover(sealed, Rlp.bytes(seal)) ?? [])
  return { kind: 'qbft', proposer, validators: extra.validators, signers, vote: extra.vote }
}

function readClique(header: Header.Header): Seal {
  const extra = Rlp.bytes(header.extraData)
  const sealAt = Math.max(0, extra.length - SEAL_BYTES)
  const list = extra.subarray(VANITY_BYTES, sealAt)
  const validators = Array.from({ length: Math.floor(list.length / Address.SIZE_BYTES) }, (_, at) =>
    Address.toHex(list.subarray(at * Address.SIZE_BYTES, (at + 1) * Address.SIZE_BYTES)),
  )
  return {
    kind: 'clique',
    signer: recover(Header.hashWith(header, extra.subarray(0, sealAt)), extra.subarray(sealAt)),
    validators,
    vote: {
      recipient: header.miner.toLowerCase(),
      isFor: VOTES.get(header.nonce),
    },
    difficulty: Number(header.difficulty),
  }
}

const VOTES: ReadonlyMap<string, boolean> = new Map([
  [`0x${'f'.repeat(16)}`, true],
  [`0x${'0'.repeat(16)}`, false],
])

/** Nodes write the recovery number as 0 or 1, signatures of ballots as 27 or 28. */
function recover(digest: Uint8Array, seal: Uint8Array): string | undefined {
  if (seal.length !== SEAL_BYTES) return undefined
  const bytes = Buffer.from(seal)
  bytes[SEAL_BYTES - 1] = 27 + (bytes[SEAL_BYTES - 1] ?? 0)
  const signer = Signature.recover(digest, bytes)
  return signer && Address.toHex(signer)
}
