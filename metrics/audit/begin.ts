import * as CheckedBlock from '../blocks/CheckedBlock.ts'
import type * as Ballot from '../../scenarios/ballots/Ballot.ts'
import type * as Rpc from '../rpc/Rpc.ts'
import * as Block from './Block.ts'
import * as Seal from '../ethereum/consensus/Seal.ts'
import * as Validators from '../ethereum/consensus/Validators.ts'
import { detect } from './detect.ts'
import type { FoundQuestion } from '../contracts/Decoder.ts'
import { decoderOf } from '../contracts/decoderOf.ts'
import { UnansweredError } from './WorkerPool.ts'
import * as Header from '../ethereum/Header.ts'

/** What is asked before the walk. */
export type Start = {
  subject: Block.Subject
  domain: Ballot.Domain
  /** The block that the walk stands on. */
  base: Block.Facts
  genesisHash: string
  validators: Validators.Validators
  /** 2017 only. */
  questions: FoundQuestion[]
  /** Blocks at the tip that a reorganisation may still replace: left for later. */
  depth: number
  toBlock: number
}

/**
 * Asks a node what is to be audited.
 *
 * @throws {UnansweredError} and Rpc.RpcError where it does not tell; detect.NotAContractError.
 */
export async function begin(
  node: Rpc.Rpc,
  options: { contract: string; fromBlock?: number | undefined },
): Promise<Start> {
  const { contract, fromBlock = 1 } = options
  const kind = await detect(node, contract)
  const [chainId, height] = await node.ask([
    { method: 'eth_chainId', params: [] },
    { method: 'eth_blockNumber', params: [] },
  ])
  const [genesis, first] = await Promise.all([
    CheckedBlock.readHeader(node, 0),
    CheckedBlock.readHeader(node, fromBlock),
  ])
  if (genesis === undefined) throw new UnansweredError(`${node.name} has no genesis block.`)
  const consensus = Seal.kindOf(genesis)
  const questions = await decoderOf(kind).findQuestions(node, contract)
  const subject = { kind, contracts: { main: contract, questions }, consensus }
  const [base] = await Block.read(node, [fromBlock - 1], subject)
  if (base === undefined || base.hash === '') {
    throw new UnansweredError(`${node.name} does not have block ${fromBlock - 1}.`)
  }
  const source = fromBlock === 1 || first === undefined ? genesis : first
  const validators = Validators.create(Seal.read(source, consensus))
  const depth = consensus === 'clique' ? Math.floor(validators.members.length / 2) + 1 : 0
  return {
    subject,
    domain: { chainId: Number(chainId), verifyingContract: contract },
    base,
    genesisHash: `0x${Header.hash(genesis).toString('hex')}`,
    validators,
    questions,
    depth,
    toBlock: Number(height) - depth,
  }
}
