import * as Chain from './Chain.ts'
import * as Voters from './Voters.ts'
import { REGISTER_CHUNK_VOTERS } from '../../scenarios/ballots/Contract.ts'
import { digest, type Slice } from '../../scenarios/ballots/Poll.ts'

/** A full chunk and a short one. */
export const VOTERS = REGISTER_CHUNK_VOTERS + 300

/** Voters of the second register: none of the first. */
export const OTHER_VOTERS = { first: 10_000, count: 3 }

/** A box with a closed register of {@link VOTERS} voters, and polls as a test wants them. */
export type Setup = {
  chain: Chain.Chain
  register: Chain.Contract
  box: Chain.Contract
  /** Creates a poll, by default for the first register. */
  poll(options?: PollOptions): Promise<Poll>
  /** Unlocks a voter's account and gives its address. */
  account(voterIndex: number): Promise<string>
}

/** Times in seconds from now, on the chain's clock; by default the poll has opened and is far from closing. */
export type PollOptions = {
  isForOthers?: boolean | undefined
  slice?: Slice | undefined
  optionCount?: number | undefined
  opensIn?: number | undefined
  closesIn?: number | undefined
  sealsIn?: number | undefined
}

/** A poll of the box; times in Unix seconds. */
export type Poll = Voters.Poll & {
  pollId: number
  optionCount: number
  opensAt: number
  closesAt: number
  sealsAt: number
}

/** Starts a chain with a new box, and with two registers: of {@link VOTERS} and {@link OTHER_VOTERS}. */
export async function setUp(
  name: 'BallotBox' | 'UnguardedBallotBox' = 'BallotBox',
): Promise<Setup> {
  const chain = await Chain.start()
  const register = await closedRegister(chain, 0, VOTERS)
  const others = await closedRegister(chain, OTHER_VOTERS.first, OTHER_VOTERS.count)
  const box = await chain.deploy(name)
  return {
    chain,
    register,
    box,
    async poll({
      isForOthers = false,
      slice,
      optionCount = 3,
      opensIn = 0,
      closesIn = 1e6,
      sealsIn = closesIn,
    } = {}) {
      const now = await chain.now()
      const times = { opensAt: now + opensIn, closesAt: now + closesIn, sealsAt: now + sealsIn }
      const text = {
        question: 'Which park?',
        options: Array.from({ length: optionCount }, (_, index) => `Park ${index}`),
      }
      const { address, commitment } = isForOthers ? others : register
      const { firstVoter = 0, voterCount = 0 } = slice ?? {}
      const whom = [address, firstVoter, voterCount]
      await box.send('createPoll', [text.question, text.options, ...whom, ...Object.values(times)])
      const pollId = Number((await box.call('pollCount', []))[0])
      const domain = { chainId: chain.chainId, verifyingContract: box.address }
      return {
        pollId,
        pollDigest: digest({ ...text, slice }, commitment),
        domain,
        optionCount,
        ...times,
      }
    },
    async account(voterIndex) {
      const account = `0x${Voters.address(voterIndex).toString('hex')}`
      await chain.request('hardhat_impersonateAccount', account)
      return account
    },
  }
}

async function closedRegister(
  chain: Chain.Chain,
  first: number,
  count: number,
): Promise<Chain.Contract & { commitment: Buffer }> {
  const register = await chain.deploy('VoterRegister')
  for (let index = 0; index < count; index += REGISTER_CHUNK_VOTERS) {
    const chunk = Voters.packed(first + index, Math.min(REGISTER_CHUNK_VOTERS, count - index))
    // oxlint-disable-next-line no-await-in-loop -- a register takes its chunks in order
    await register.send('enrol', [chunk])
  }
  await register.send('close', [])
  const [commitment] = await register.call('commitment', [])
  return { ...register, commitment: Buffer.from(String(commitment).slice(2), 'hex') }
}
