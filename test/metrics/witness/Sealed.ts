import * as Header from '../../../metrics/ethereum/Header.ts'
import * as Qbft from '../../../metrics/ethereum/consensus/Qbft.ts'
import * as Rlp from '../../../metrics/ethereum/Rlp.ts'
import * as Address from '../../../scenarios/ballots/Address.ts'
import * as Signature from '../../../scenarios/ballots/Signature.ts'
import type * as Recording from '../../helpers/Recording.ts'

/** Whoever may seal a block, or may not. */
export type Sealer = { privateKey: Buffer; address: string }

/** In the order of their addresses, in which they take turns. */
export const SEALERS: readonly Sealer[] = [1, 2, 3, 4, 5]
  .map((seed) => Buffer.alloc(32, seed))
  .map((privateKey) => {
    return { privateKey, address: Address.toHex(Address.fromPrivateKey(privateKey)) }
  })
  .toSorted((a, b) => (a.address < b.address ? -1 : 1))

export function sealer(place: number): Sealer {
  const found = SEALERS[place]
  if (found === undefined) throw new RangeError(`no sealer ${place}`)
  return found
}

type Vote = { recipient: string; isFor: boolean }
type Seal = (header: Header.Header) => Partial<Header.Header>

const VANITY = Buffer.alloc(32)
const NOBODY = `0x${'0'.repeat(40)}`

/** A block of Clique, sealed by whoever has the turn where nobody else is named. */
export function clique(members: readonly Sealer[], told: { vote?: Vote } = {}): Seal {
  return (header) => {
    const signer = members[Number(header.number) % members.length] ?? sealer(0)
    const { recipient = NOBODY, isFor = false } = told.vote ?? {}
    const fields = {
      ...header,
      miner: recipient,
      nonce: `0x${(isFor ? 'f' : '0').repeat(16)}`,
      difficulty: '0x2',
    }
    const seal = signed(Header.hashWith(fields, VANITY), signer)
    return { ...fields, extraData: hex(Buffer.concat([VANITY, seal])) }
  }
}

/** A block of QBFT that names `members`, sealed by `signers`, the first of whom proposed it. */
export function qbft(
  members: readonly Sealer[],
  signers: readonly Sealer[] = members,
  vote?: Vote,
): Seal {
  return (header) => {
    const miner = (signers[0] ?? sealer(0)).address
    const fields = { ...header, mixHash: Qbft.MIX_HASH, miner }
    const voted =
      vote === undefined
        ? []
        : [Rlp.bytes(vote.recipient), vote.isFor ? Buffer.of(0xff) : Buffer.of()]
    const content = [VANITY, members.map(({ address }) => Rlp.bytes(address)), voted, Buffer.of()]
    const sealed = Header.hashWith(fields, Rlp.encode([...content, []]))
    const seals = signers.map((one) => signed(sealed, one))
    return { ...fields, extraData: hex(Rlp.encode([...content, seals])) }
  }
}

/** The same chain as validators would have sealed it from a block on; what they seal fits together. */
export function reseal<Facts>(
  recording: Recording.Recording<Facts>,
  from: number,
  sealOf: (number: number) => Seal,
): Recording.Recording<Facts> {
  const blocks = recording.blocks.slice(0, from)
  const receipts = { ...recording.receipts }
  for (const block of recording.blocks.slice(from)) {
    const parentHash = blocks.at(-1)?.hash ?? block.parentHash
    const header = { ...block, parentHash }
    const sealed = { ...header, ...sealOf(Number(block.number))(header) }
    const hash = hex(Header.hash(sealed))
    for (const transaction of block.transactions) {
      const receipt = receipts[transaction.hash]
      if (receipt !== undefined) receipts[transaction.hash] = { ...receipt, blockHash: hash }
    }
    blocks.push({ ...sealed, hash })
  }
  return { ...recording, blocks, receipts }
}

/** Nodes write the recovery number as 0 or 1. */
function signed(digest: Uint8Array, { privateKey }: Sealer): Buffer {
  const signature = Signature.sign(digest, privateKey)
  signature[64] = (signature[64] ?? 0) - 27
  return signature
}

function hex(bytes: Buffer): string {
  return `0x${bytes.toString('hex')}`
}
