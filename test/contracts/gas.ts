import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

import * as ActiveCitizen2017 from '../../scenarios/ballots/ActiveCitizen2017.ts'
import * as Anchor from '../../scenarios/ballots/Anchor.ts'
import * as Batch from '../../scenarios/ballots/Batch.ts'
import { REGISTER_CHUNK_VOTERS } from '../../scenarios/ballots/Contract.ts'
import * as Poll from '../../scenarios/ballots/Poll.ts'
import * as ExitCode from '../../scripts/ExitCode.ts'
import * as Chain from './Chain.ts'
import * as Voters from './Voters.ts'

const REPORT_FILE = join(import.meta.dirname, '../../chain/contracts/gas.json')
/** Full chunks, so that a batch of 100 can take each ballot from another one: 122,800 voters. */
const CHUNKS = 100
const BATCH_BALLOTS = 100
const ANCHOR_BALLOTS = 4_000
/** The platform's registered users: their indexes fill three of a ballot's four bytes. */
const REGISTERED_USERS = 2_000_000
/** A report may be this much above the committed one: noise in the voters' addresses is less. */
const WORSE_SHARE_MAX = 0.01
/** 2100-01-01: no poll here ends. */
const FAR_S = 4_102_444_800
const POLL = { question: 'Which park shall be renewed first?', options: ['North', 'South', 'East'] }

const ReportSchema = Type.Object({
  enrolPerVoter: Type.Number(),
  batchFreshWordPerBallot: Type.Number(),
  batchUsedWordPerBallot: Type.Number(),
  batchNeighboursPerBallot: Type.Number(),
  castFreshWord: Type.Number(),
  castUsedWord: Type.Number(),
  anchorPerBallot: Type.Number(),
  voteOf2017FirstOption: Type.Number(),
  voteOf2017OtherOption: Type.Number(),
})

/** Gas of whole transactions, what every transaction costs included. */
type Report = Static<typeof ReportSchema>

/** What may be spent at most, and what each figure says. */
const LIMITS: readonly { key: keyof Report; gasMax: number; says: string }[] = [
  { key: 'enrolPerVoter', gasMax: 4_400, says: 'enrol, a voter (deployment and closing included)' },
  {
    key: 'batchFreshWordPerBallot',
    gasMax: 36_000,
    says: 'castBatch, a ballot: other chunk, fresh word',
  },
  {
    key: 'batchUsedWordPerBallot',
    gasMax: 18_000,
    says: 'castBatch, a ballot: other chunk, used word',
  },
  {
    key: 'batchNeighboursPerBallot',
    gasMax: 8_500,
    says: 'castBatch, a ballot: sorted neighbours',
  },
  { key: 'castFreshWord', gasMax: 62_000, says: 'cast: fresh word' },
  { key: 'castUsedWord', gasMax: 45_000, says: 'cast: used word' },
  { key: 'anchorPerBallot', gasMax: 200, says: 'anchor, a ballot: 4,000 in order of arrival' },
  { key: 'voteOf2017FirstOption', gasMax: 190_000, says: 'vote of 2017: option 0' },
  { key: 'voteOf2017OtherOption', gasMax: 190_000, says: 'vote of 2017: another option' },
]

/**
 * Measures on a register of 122,800 voters, with the deployed bytecode and non-zero tallies, on
 * Hardhat's chain.
 */
async function measure(): Promise<Report> {
  const chain = await Chain.start()
  try {
    const { register, gasPerVoter } = await enrol(chain)
    const box = await chain.deploy('BallotBox')
    const { question, options } = POLL
    await box.send('createPoll', [question, options, register.address, 0, 0, 0, FAR_S, FAR_S])
    const [commitment] = await register.call('commitment', [])
    const poll = {
      pollId: 1,
      pollDigest: Poll.digest(POLL, Buffer.from(String(commitment).slice(2), 'hex')),
      domain: { chainId: chain.chainId, verifyingContract: box.address },
    }
    const batch = (voterOf: (position: number) => number): Promise<number> =>
      batchGas(
        box,
        poll,
        Array.from({ length: BATCH_BALLOTS }, (_, position) => voterOf(position)),
      )
    const cast = async (voterIndex: number): Promise<number> => {
      const from = `0x${Voters.address(voterIndex).toString('hex')}`
      await chain.request('hardhat_impersonateAccount', from)
      return (await box.send('cast', [1, poll.pollDigest, voterIndex, 1], { from })).gasUsed
    }
    // The first batch makes every tally non-zero; no later ballot shares a bitmap word with it.
    await batch((position) => 2_048 + position)
    return {
      enrolPerVoter: gasPerVoter,
      batchFreshWordPerBallot: await batch((position) => position * REGISTER_CHUNK_VOTERS),
      batchUsedWordPerBallot: await batch((position) => position * REGISTER_CHUNK_VOTERS + 1),
      batchNeighboursPerBallot: await batch((position) => 50_000 + position),
      castFreshWord: await cast(60_000),
      castUsedWord: await cast(60_001),
      anchorPerBallot: await anchorGas(chain),
      ...(await votesOf2017(chain)),
    }
  } finally {
    await chain.close()
  }
}

/**
 * Measures, and prints the figures beside the committed ones.
 *
 * @param options - `isWriting`: the figures become the committed ones.
 * @returns whether all are within the limits and not worse than the committed ones.
 */
async function check(options: { isWriting: boolean }): Promise<boolean> {
  const report = await measure()
  if (options.isWriting)
    await writeFile(REPORT_FILE, `${JSON.stringify(rounded(report), undefined, 2)}\n`)
  const committed = Value.Parse(ReportSchema, JSON.parse(await readFile(REPORT_FILE, 'utf8')))
  const rows = LIMITS.map(({ key, gasMax, says }) => {
    const gas = report[key]
    const isGood = gas <= gasMax && gas <= committed[key] * (1 + WORSE_SHARE_MAX)
    return { says, gas: [gas, committed[key], gasMax].map((value) => value.toFixed(1)), isGood }
  })
  process.stdout.write(`${line(['gas', 'committed', 'limit'], '', '')}\n`)
  for (const { says, gas, isGood } of rows)
    process.stdout.write(`${line(gas, says, isGood ? 'ok' : 'WORSE')}\n`)
  return rows.every(({ isGood }) => isGood)
}

/** To tenths: what is finer says nothing and only makes differences to read. */
function rounded(report: Report): Report {
  const entries = Object.entries(report).map(([key, gas]) => [key, Number(gas.toFixed(1))])
  return Value.Parse(ReportSchema, Object.fromEntries(entries))
}

function line(cells: readonly string[], says: string, end: string): string {
  return `${says.padEnd(50)}${cells.map((cell) => cell.padStart(11)).join('')}  ${end}`.trimEnd()
}

async function enrol(
  chain: Chain.Chain,
): Promise<{ register: Chain.Contract; gasPerVoter: number }> {
  const register = await chain.deploy('VoterRegister')
  let gas = register.gasUsed
  for (let chunk = 0; chunk < CHUNKS; chunk += 1) {
    const voters = Voters.packed(chunk * REGISTER_CHUNK_VOTERS, REGISTER_CHUNK_VOTERS)
    gas += (await register.send('enrol', [voters])).gasUsed
  }
  gas += (await register.send('close', [])).gasUsed
  return { register, gasPerVoter: gas / (CHUNKS * REGISTER_CHUNK_VOTERS) }
}

async function batchGas(
  box: Chain.Contract,
  poll: Voters.Poll,
  voterIndexes: readonly number[],
): Promise<number> {
  const ballots = voterIndexes.map((voterIndex, position) =>
    Voters.sign(poll, voterIndex, position % POLL.options.length),
  )
  const { gasUsed, events } = await box.send('castBatch', [Batch.encode(ballots)])
  const [accepted] = events.at(-1)?.args ?? []
  if (accepted !== BigInt(ballots.length)) throw new RejectedError(String(accepted))
  return gasUsed / ballots.length
}

async function anchorGas(chain: Chain.Chain): Promise<number> {
  const anchor = await chain.deploy('BallotAnchor', [Buffer.alloc(32, 1)])
  const { question, options } = POLL
  const electorate = [`0x${'00'.repeat(20)}`, 0, 0]
  await anchor.send('createPoll', [question, options, ...electorate, 0, FAR_S, FAR_S])
  const send = async (first: number): Promise<number> => {
    const ballots = Array.from({ length: ANCHOR_BALLOTS }, (_, index) => ({
      pollId: 1,
      voterIndex: ((first + index) * 7_919) % REGISTERED_USERS,
      choice: index % options.length,
    }))
    const args = [Anchor.root(ballots), Anchor.encode(ballots)]
    return (await anchor.send('anchor', args)).gasUsed / ANCHOR_BALLOTS
  }
  await send(0)
  return send(ANCHOR_BALLOTS)
}

async function votesOf2017(
  chain: Chain.Chain,
): Promise<Pick<Report, 'voteOf2017FirstOption' | 'voteOf2017OtherOption'>> {
  const { question: text, options } = POLL
  const answerIds = options.map((_, index) => index + 1)
  const question = await chain.deploy('PollQuestion', [
    1,
    1,
    text,
    JSON.stringify(options),
    answerIds,
  ])
  const vote = async (voterIndex: number, option: number): Promise<number> => {
    const voter = `0x${Voters.address(voterIndex).toString('hex')}`
    const key = ActiveCitizen2017.userKey(voterIndex, voter)
    const { gasUsed, events } = await question.send('vote', [1, key, [option], '', ''])
    // A vote that counts says nothing.
    if (events.length > 0) throw new RejectedError('0')
    return gasUsed
  }
  for (const option of options.keys()) await vote(option, option)
  return {
    voteOf2017FirstOption: await vote(1_000, 0),
    voteOf2017OtherOption: await vote(1_001, 1),
  }
}

/** What was measured is not what was meant: some ballots did not count. */
export class RejectedError extends Error {
  override readonly name = 'ContractGas.RejectedError'
  readonly code = 'CONTRACT_GAS_REJECTED'
  constructor(accepted: string) {
    super(
      `Of ${BATCH_BALLOTS} good ballots ${accepted} were counted. Run the contract tests, then measure again.`,
    )
  }
}

// `node test/contracts/gas.ts [--write]`
if (!(await check({ isWriting: process.argv.includes('--write') }))) {
  process.exitCode = ExitCode.OBJECTIVE_MISSED
}
