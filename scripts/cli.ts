import { Command, CommanderError, Option } from 'commander'

import { NETWORK_OF_TODAY } from '../chain/designs/Design.ts'
import { designs } from '../chain/designs/designs.ts'
import { VALIDATOR_KINDS } from '../chain/networks/Network.ts'
import * as cities from '../scenarios/cities/cities.ts'
import { explanationOf } from '../scenarios/runtime/BallotstormError.ts'
import { storms } from '../scenarios/storms/storms.ts'
import {
  DEFAULTS as POPULATION_DEFAULTS,
  type Flags as PopulationFlags,
} from './commands/population.ts'
import {
  DEFAULTS as PRESIGN_DEFAULTS,
  type Flags as PresignFlags,
} from './commands/PresignOptions.ts'
import type { UpFlags } from './commands/network.ts'
import type { Flags as VerifyFlags } from './commands/verify.ts'
import {
  DEFAULTS as COMPARE_DEFAULTS,
  type Flags as CompareFlags,
} from './compare/CompareOptions.ts'
import * as ExitCode from './ExitCode.ts'
import { exitCodeOfError } from './exitCodeOf.ts'
import { DEFAULTS, NETWORK_KINDS, type Flags } from './run/RunOptions.ts'

/** The command line: what may be said, and which file does it. Commands are loaded when called. */
function program(): Command {
  const cli = new Command('storm')
    .description('Load-tests city-scale voting on a private Ethereum network.')
    .exitOverride()
    .showHelpAfterError('(add --help for what may be said)')
    .addHelpText(
      'after',
      `
Scenarios:
${storms.map(({ name, description }) => `  ${name.padEnd(18)} ${description}`).join('\n')}

Designs:
${designs.map(({ name, description }) => `  ${name.padEnd(20)} ${description}`).join('\n')}

Exit codes:
  0 pass, 99 objective missed, 104 bad configuration, 105 interrupted, 107 scenario threw,
  120 integrity violated, 121 generator-bound, 122 inconclusive, 1 anything unforeseen

Examples:
  npm run storm -- run smoke
  npm run storm -- run peak-2017 --rate 200 --duration 60s --voters 20000
  npm run storm -- run peak-2017 --design direct --seed 7
  npm run storm -- compare-designs --voters 20000 --rate 20
  npm run --silent storm -- doctor --json
`,
    )
  addRun(cli)
  addCompareDesigns(cli)
  addNetwork(cli)
  addPresign(cli)
  addVerify(cli)
  cli
    .command('population')
    .description('Hold a city model against what is published, and draw it.')
    .argument('<city>', `${cities.names().join(', ')}, or a file of your own that ends in .json`)
    .option('--seeds <list>', 'separated by commas', POPULATION_DEFAULTS.seeds)
    .option('--ballots <count>', 'enumerated under a seed at most', POPULATION_DEFAULTS.ballots)
    .option('--out <folder>', 'where the page goes', POPULATION_DEFAULTS.out)
    .option('--json', 'print one JSON object on stdout', false)
    .action(async (city: string, flags: PopulationFlags) => {
      const { population } = await import('./commands/population.ts')
      process.exitCode = population(city, flags)
    })
  cli
    .command('doctor')
    .description(
      'Tell which parts are here, in which version, from where, and what to do about the rest.',
    )
    .option('--json', 'print one JSON object on stdout', false)
    .action(async (options: { json: boolean }) => {
      const { doctor } = await import('./commands/doctor.ts')
      process.exitCode = await doctor(options)
    })
  cli
    .command('report')
    .description('Make the report of a run, or of a comparison, anew from its folder.')
    .argument('<run folder>', 'the folder that holds run.json or comparison.json')
    .option('--json', 'print the run record on stdout', false)
    .action(async (folder: string, options: { json: boolean }) => {
      const { report } = await import('./commands/report.ts')
      process.exitCode = report(folder, options)
    })
  return cli
}

function addRun(cli: Command): void {
  cli
    .command('run')
    .description('Run a scenario end to end: network, ballots, storm, books, report.')
    .addArgument(
      cli.createArgument('<scenario>', 'which one').choices(storms.map(({ name }) => name)),
    )
    .option('--voters <count>', "size of the electorate (default: the scenario's)")
    .option('--rate <per second>', 'ballots a second, in place of the scenario’s stages')
    .option('--duration <time>', 'length of the storm, for example 60s or 2m')
    .option('--ballots <count>', 'how many of a day’s ballots are fired (scenarios of a day)')
    .option('--compress <times>', 'the day is played so many times faster (scenarios of a day)')
    .addOption(
      new Option('--design <name>', 'whom the voters must trust')
        .choices(designs.map(({ name }) => name))
        .default(DEFAULTS.design),
    )
    .addOption(new Option('--network <kind>', "(default: the scenario's)").choices(NETWORK_KINDS))
    .option('--rpc <urls>', 'nodes of --network external, separated by commas')
    .option('--validators <count>', "validators of the run's own network (default: the design's)")
    .option('--block-time <time>', "time between blocks (default: the design's)")
    .option('--gas-limit <gas>', "gas in a block (default: the design's)")
    .option('--finality <rule>', "instant, depth:N or tag (default: the network's)")
    .option('--seed <text>', 'electorate, ballots and instants follow from it', DEFAULTS.seed)
    .option('--out <folder>', 'where run folders go', DEFAULTS.out)
    .option('--postgres <url>', 'a PostgreSQL to use in place of the embedded one')
    .option('--deployer-key-file <file>', 'funded key for a chain with a gas price')
    .option('--root <address>', 'a deployment of 2017 that is there already (its Root)')
    .option('--owner-key-file <file>', 'key of the account that owns it')
    .option('--api <url>', 'a voting API of your own, in place of the one shipped')
    .option('--receipt-signer <address>', 'who signs the receipts of --api')
    .option('--api-replicas <count>', 'processes of the voting API (default: 1)')
    .option('--relayers <count>', 'relayers that share the work (default: 1)')
    .option('--batch-size <count>', "ballots in a batch at most (default: the relayer's)")
    .option('--spool <file>', 'ballots that `presign` has signed for this very run')
    .option('--segment <share>', 'fire only this share of the ballots, for example 3/8')
    .option('--allow-targets <file>', 'targets beyond loopback that this run may load')
    .option('--keep-data', 'keep the data of nodes and database after the run', false)
    .option('--json', 'print the run record on stdout in place of the summary', false)
    .action(async (scenario: string, flags: Flags) => {
      const { run } = await import('./commands/run.ts')
      process.exitCode = await run(scenario, flags)
    })
}

function addCompareDesigns(cli: Command): void {
  cli
    .command('compare-designs')
    .description('Put the designs under one plan, then under more than each carries.')
    .option('--voters <count>', 'size of the electorate', COMPARE_DEFAULTS.voters)
    .option('--rate <per second>', 'ballots a second of the plan', COMPARE_DEFAULTS.rate)
    .option('--duration <time>', 'length of the plan', COMPARE_DEFAULTS.duration)
    .option('--overload <time>', 'length of the overload', COMPARE_DEFAULTS.overload)
    .option('--designs <list>', 'separated by commas', COMPARE_DEFAULTS.designs)
    .option('--networks <list>', 'separated by commas', COMPARE_DEFAULTS.networks)
    .option('--seed <text>', 'electorate, ballots and instants follow from it', DEFAULTS.seed)
    .option('--out <folder>', 'where comparisons go', COMPARE_DEFAULTS.out)
    .option('--json', 'print the comparison on stdout in place of the summary', false)
    .action(async (flags: CompareFlags) => {
      const { compareDesigns } = await import('./commands/compareDesigns.ts')
      process.exitCode = await compareDesigns(flags)
    })
}

function addVerify(cli: Command): void {
  cli
    .command('verify')
    .description('Audit an election from the chain alone: recount, seals, signatures, receipts.')
    .requiredOption('--rpc <urls>', 'nodes, separated by commas: the first is read, all compared')
    .requiredOption('--contract <address>', 'BallotBox, BallotAnchor or Root')
    .option('--register <file>', 'who may vote, 20 bytes an address (default: from the chain)')
    .option('--receipts <folder>', 'receipts that voters kept, as JSON files')
    .option('--receipt-signer <address>', 'who must have signed them')
    .option('--genesis <hash>', 'what the genesis block must hash to')
    .option('--from-block <number>', 'no poll and no ballot lies in an earlier block', '1')
    .option('--resume <file>', 'go on where an earlier audit with this file stopped')
    .option('--json', 'print one JSON object on stdout', false)
    .action(async (flags: VerifyFlags) => {
      const { verify } = await import('./commands/verify.ts')
      process.exitCode = await verify(flags)
    })
}

function addPresign(cli: Command): void {
  cli
    .command('presign')
    .description('Sign ballots into a spool ahead of a run; goes on where it was interrupted.')
    .argument('[source]', 'a scenario, a city, or a city’s file; without one all voters are alike')
    .option('--voters <count>', 'size of the electorate (default: that of the source)')
    .option('--polls <count>', 'number of polls; of a city the most popular ones')
    .option('--count <ballots>', 'ballots of all segments (default: the source’s)')
    .option('--seed <text>', 'electorate and ballots follow from it', PRESIGN_DEFAULTS.seed)
    .option(
      '--path <path>',
      'api (for a voting API) or rpc (transactions for a node)',
      PRESIGN_DEFAULTS.path,
    )
    .option('--workers <count>', 'worker threads (default: the cores, at most 4)')
    .option('--segment <share>', 'sign only this share, for example 3/8')
    .option('--out <file>', 'the spool', PRESIGN_DEFAULTS.out)
    .option('--register <file>', 'where the voters’ addresses are kept (default: in the cache)')
    .option('--chain-id <id>', 'the chain that the ballots are bound to')
    .option('--ballot-box <address>', 'the contract that the ballots are bound to')
    .option('--join <segments...>', 'make one spool of all its segments instead')
    .option('--json', 'print one JSON object on stdout', false)
    .action(async (source: string | undefined, flags: PresignFlags & { join?: string[] }) => {
      const { presign, joinSpools } = await import('./commands/presign.ts')
      const { join, ...rest } = flags
      process.exitCode = join === undefined ? await presign(source, rest) : joinSpools(join, rest)
    })
}

function addNetwork(cli: Command): void {
  const network = cli.command('network').description('A network that stays up between runs.')
  network
    .command('up')
    .description('Start it in the background and print its URLs.')
    .option('--name <name>', 'several can stand side by side', 'default')
    .addOption(
      new Option('--network <kind>', 'qbft has instant finality, clique takes blocks back')
        .choices(VALIDATOR_KINDS)
        .default('qbft'),
    )
    .option('--validators <count>', 'number of validators', String(NETWORK_OF_TODAY.validatorCount))
    .option('--block-time <time>', 'time between blocks', `${NETWORK_OF_TODAY.blockTimeMs}ms`)
    .option('--gas-limit <gas>', 'gas in a block', String(NETWORK_OF_TODAY.gasLimit))
    .option('--seed <text>', 'node keys follow from it', DEFAULTS.seed)
    .option('--json', 'print one JSON object on stdout', false)
    .action(async (flags: UpFlags) => {
      const { networkUp } = await import('./commands/network.ts')
      process.exitCode = await networkUp(flags)
    })
  for (const [name, description] of [
    ['status', 'Tell its height, validators and peers.'],
    ['down', 'Stop it and remove its data.'],
  ] as const) {
    network
      .command(name)
      .description(description)
      .option('--name <name>', 'which one', 'default')
      .option('--json', 'print one JSON object on stdout', false)
      .action(async (options: { name: string; json: boolean }) => {
        const { networkStatus, networkDown } = await import('./commands/network.ts')
        process.exitCode = await (name === 'status' ? networkStatus(options) : networkDown(options))
      })
  }
}

try {
  await program().parseAsync()
} catch (error) {
  process.exitCode = explain(error)
}

/** What an interrupted command still waits for is nobody's any more; most of it ends within this. */
const GRACE_MS = 2000
setTimeout(() => process.exit(), GRACE_MS).unref()

/** Says what went wrong and gives the exit code. */
function explain(error: unknown): number {
  // Commander has printed its own message already; help and version are no failures.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : ExitCode.BAD_CONFIGURATION
  process.stderr.write(`${explanationOf(error)}\n`)
  return exitCodeOfError(error)
}
