import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Interface } from 'ethers'
import { Type } from 'typebox'
import { Value } from 'typebox/value'

import { deploy } from '../../../chain/contracts/deploy.ts'
import type * as Ballot from '../../../scenarios/ballots/Ballot.ts'
import * as Batch from '../../../scenarios/ballots/Batch.ts'
import * as Poll from '../../../scenarios/ballots/Poll.ts'
import * as Electorate from '../../../scenarios/population/Electorate.ts'
import { artifact } from '../../../scripts/contracts.ts'
import * as Voters from '../../contracts/Voters.ts'
import * as Anvil from '../anvil.ts'
import { mined } from './mined.ts'

/** A contract on a real chain that counts what it is sent, with an honest register and one poll. */
export type Careless = {
  anvil: Anvil.Anvil
  box: string
  poll: Voters.Poll & { opensAt: number; sealsAt: number }
  /** Sends ballots in one transaction; gives its hash. */
  send(...ballots: Ballot.Ballot[]): Promise<string>
  /** From now on every ballot is skipped with this reason; 0 counts again. */
  refuse(reason: number): Promise<void>
  /** Mines a block at this time, Unix seconds. */
  mineAt(timestamp: number): Promise<void>
  dispose(): Promise<void>
}

export const VOTERS = 30

const Receipt = Type.Object({ contractAddress: Type.Union([Type.String(), Type.Null()]) })

export async function found(): Promise<Careless> {
  const folder = await mkdtemp(join(tmpdir(), 'ballotstorm-careless-'))
  const anvil = await Anvil.start()
  const registerFile = join(folder, 'register.bin')
  writeFileSync(registerFile, Voters.packed(0, VOTERS))
  const [ballotBox, register] = [await artifact('BallotBox'), await artifact('VoterRegister')]
  const key = Electorate.rolePrivateKey('careless', 'deployer')
  const deployment = await deploy(
    { rpcUrl: anvil.url, key, gasPriceWei: 0n },
    { bytecode: { ballotBox: ballotBox.bytecode, register: register.bytecode }, registerFile },
  )
  const transact = async (data: string, to?: string): Promise<string> =>
    mined(anvil, await anvil.transact({ to, data }))
  const { wire, bytecode } = compile()
  const created = await anvil.request('eth_getTransactionReceipt', await transact(bytecode))
  const box = String(Value.Parse(Receipt, created).contractAddress)
  const text = { question: 'Which?', options: ['one', 'two', 'three'] }
  const pollDigest = Poll.digest(text, Buffer.from(deployment.registerCommitment.slice(2), 'hex'))
  const now = Math.floor(Date.now() / 1000)
  const times = { opensAt: now - 1000, sealsAt: now + 3600 }
  const args = [1, pollDigest, deployment.register, times.opensAt, times.sealsAt]
  await transact(wire.encodeFunctionData('open', [...args, text.question, text.options]), box)
  const domain = { chainId: deployment.chainId, verifyingContract: box }
  return {
    anvil,
    box,
    poll: { pollId: 1, pollDigest, domain, ...times },
    send: (...ballots) =>
      transact(wire.encodeFunctionData('castBatch', [Batch.encode(ballots)]), box),
    async refuse(reason) {
      await transact(wire.encodeFunctionData('refuse', [reason]), box)
    },
    async mineAt(timestamp) {
      await anvil.request('evm_setNextBlockTimestamp', timestamp)
      await anvil.request('evm_mine')
    },
    async dispose() {
      await anvil.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/**
 * Sends it what a good contract refuses, and has it refuse what a good one counts.
 *
 * @returns the transactions by what they do wrong; three good ballots came before.
 */
export async function misuse(careless: Careless): Promise<Record<string, string>> {
  const { poll } = careless
  const sign = (voter: number, choice = 0, signer = voter): Ballot.Ballot =>
    Voters.sign(poll, voter, choice, signer)
  const transactions: Record<string, string> = {}
  const forged = sign(3)
  await careless.send(sign(0), sign(1), sign(2, 1))
  transactions['badSignature'] = await careless.send({
    ...forged,
    signature: flipped(forged.signature),
  })
  transactions['noSignature'] = await careless.send({ ...sign(9), signature: Buffer.alloc(65) })
  transactions['otherVoter'] = await careless.send(sign(4, 0, 5))
  transactions['outsider'] = await careless.send(sign(VOTERS))
  transactions['duplicate'] = await careless.send(sign(0, 2))
  transactions['badChoice'] = await careless.send(sign(6, 9))
  await careless.refuse(5)
  transactions['skipped'] = await careless.send(sign(7))
  await careless.refuse(0)
  await careless.mineAt(poll.sealsAt + 1)
  transactions['late'] = await careless.send(sign(8))
  return transactions
}

/** The signature with one bit of r turned: it is somebody's, but not the voter's. */
function flipped(signature: Uint8Array): Buffer {
  const bytes = Buffer.from(signature)
  bytes[20] = (bytes[20] ?? 0) ^ 1
  return bytes
}

const Compiled = Type.Object({
  contracts: Type.Object({
    'CarelessBox.sol': Type.Object({
      CarelessBox: Type.Object({
        abi: Type.Array(Type.Record(Type.String(), Type.Unknown())),
        evm: Type.Object({ bytecode: Type.Object({ object: Type.String() }) }),
      }),
    }),
  }),
})

function compile(): { wire: Interface; bytecode: string } {
  const solc: { compile(input: string): string } = createRequire(import.meta.url)('solc')
  const name = 'CarelessBox.sol'
  const content = readFileSync(join(import.meta.dirname, name), 'utf8')
  const settings = {
    evmVersion: 'berlin',
    viaIR: true,
    optimizer: { enabled: true },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode'] } },
  }
  const input = { language: 'Solidity', sources: { [name]: { content } }, settings }
  const output: unknown = JSON.parse(solc.compile(JSON.stringify(input)))
  const { abi, evm } = Value.Parse(Compiled, output).contracts[name].CarelessBox
  return { wire: new Interface(JSON.stringify(abi)), bytecode: `0x${evm.bytecode.object}` }
}
