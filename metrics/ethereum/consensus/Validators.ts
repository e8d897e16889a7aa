import * as Qbft from './Qbft.ts'
import type * as Seal from './Seal.ts'

/**
 * Who may seal the next block: carried along from the genesis block, vote by vote, so that no node
 * can name other validators than those that the earlier ones let in. Plain data: it goes into files.
 */
export type Validators = {
  kind: Seal.Kind
  /** Lower-case hex, sorted. */
  members: string[]
  votes: { voter: string; recipient: string; isFor: boolean }[]
  /** Clique: who sealed the last blocks, youngest last; they must wait. */
  recent: string[]
}

/** Votes lapse with every block whose number divides by this: the default of geth and GoQuorum. */
export const EPOCH_BLOCKS = 30_000

/** The validators that a genesis block names. */
export function create(genesis: Seal.Seal): Validators {
  return from({
    kind: genesis.kind,
    members: genesis.kind === 'none' ? [] : genesis.validators,
  })
}

/** Validators that are known from elsewhere; without any, nobody seals. */
export function from(known: Pick<Validators, 'kind' | 'members'> | undefined): Validators {
  const { kind, members } = known ?? { kind: 'none', members: [] }
  return { kind, members: members.toSorted(), votes: [], recent: [] }
}

/**
 * Checks the seals of the next block, and applies what it decides.
 *
 * @returns what is wrong; the vote of a block with wrong seals is not applied.
 */
export function advance(validators: Validators, number: number, seal: Seal.Seal): string[] {
  if (number % EPOCH_BLOCKS === 0) validators.votes = []
  if (seal.kind === 'qbft') return advanceQbft(validators, seal)
  return seal.kind === 'clique' ? advanceClique(validators, number, seal) : []
}

type SealOf<Kind extends Seal.Kind> = Extract<Seal.Seal, { kind: Kind }>

function advanceQbft(validators: Validators, seal: SealOf<'qbft'>): string[] {
  const { members } = validators
  const problems: string[] = []
  const strangers = seal.signers.filter((signer) => !members.includes(signer))
  const valid = new Set(seal.signers.filter((signer) => members.includes(signer)))
  const needed = Qbft.quorum(members.length)
  if (valid.size < needed) {
    problems.push(
      `it carries the seals of ${valid.size} of ${members.length} validators, ${needed} are needed${strangers.length > 0 ? `; sealed by others: ${strangers.join(', ')}` : ''}`,
    )
  }
  if (!members.includes(seal.proposer))
    problems.push(`its proposer ${seal.proposer} is no validator`)
  if (!isSame(seal.validators, members)) {
    problems.push(
      `it names the validators ${seal.validators.join(', ')}, the votes so far give ${members.join(', ')}`,
    )
  }
  // GoQuorum counts a header without a vote as one for leaving the zero address out: no member.
  if (problems.length === 0 && seal.vote !== undefined) cast(validators, seal.proposer, seal.vote)
  return problems
}

function advanceClique(validators: Validators, number: number, seal: SealOf<'clique'>): string[] {
  const { members, recent } = validators
  const { signer, vote } = seal
  if (signer === undefined) return ['it carries no seal']
  if (!members.includes(signer)) return [`it is sealed by ${signer}, who is no signer`]
  const problems: string[] = []
  // A signer may seal one block in so many.
  const wait = Math.floor(members.length / 2)
  if (recent.slice(Math.max(0, recent.length - wait)).includes(signer)) {
    problems.push(`${signer} sealed one of the ${wait} blocks before, and had to wait`)
  }
  const isInTurn = members[number % members.length] === signer
  if (seal.difficulty !== (isInTurn ? 2 : 1)) {
    problems.push(`its difficulty ${seal.difficulty} is not that of its signer's turn`)
  }
  const isCheckpoint = number % EPOCH_BLOCKS === 0
  if (isCheckpoint && !isSame(seal.validators, members)) {
    problems.push(
      `the checkpoint names the signers ${seal.validators.join(', ')}, the votes so far give ${members.join(', ')}`,
    )
  }
  if (vote.isFor === undefined) problems.push('its nonce is no vote')
  if (problems.length > 0) return problems
  recent.push(signer)
  // One more than must wait: the set may grow.
  recent.splice(0, Math.max(0, recent.length - members.length))
  if (!isCheckpoint) cast(validators, signer, { ...vote, isFor: vote.isFor === true })
  return []
}

/** A validator's vote; a majority of all decides, and the set changes with this block. */
function cast(
  validators: Validators,
  voter: string,
  { recipient, isFor }: { recipient: string; isFor: boolean },
): void {
  const { votes } = validators
  const isOther = (vote: (typeof votes)[number]): boolean =>
    vote.voter !== voter || vote.recipient !== recipient
  validators.votes = votes.filter(isOther)
  const isMember = validators.members.includes(recipient)
  // Only a vote that would change something is one.
  if (isMember === isFor) return
  validators.votes.push({ voter, recipient, isFor })
  const count = validators.votes.filter((vote) => vote.recipient === recipient).length
  if (count <= Math.floor(validators.members.length / 2)) return
  const others = validators.members.filter((member) => member !== recipient)
  validators.members = (isFor ? [...others, recipient] : others).toSorted()
  validators.votes = validators.votes.filter(
    (vote) => vote.recipient !== recipient && (isFor || vote.voter !== recipient),
  )
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.toSorted().join() === others.toSorted().join()
}
