import { Command, CommanderError, Option } from 'commander'

import { designs } from '../chain/designs/designs.ts'
import { explanationOf } from '../scenarios/runtime/BallotstormError.ts'
import { storms } from '../scenarios/storms/storms.ts'
import * as ExitCode from './ExitCode.ts'
import { exitCodeOfError } from './exitCodeOf.ts'
import { commands, type Command as Definition } from './options/commands.ts'
import { describe } from './options/Option.ts'
import type { Flags } from './options/Options.ts'

/** The flags of a command as commander hands them over. */
type FlagsOf<Name extends keyof typeof commands> = Flags<(typeof commands)[Name]['options']>

/** The command line: what may be said, and which file does it. Commands are loaded when called. */
function program(): Command {
  const cli = new Command('storm')
    .description('Load-tests city-scale voting on a private Ethereum network.')
    .exitOverride()
    .configureOutput({ getOutHelpWidth: helpWidth, getErrHelpWidth: helpWidth })
    .showHelpAfterError('(add --help for what may be said)')
  cli.addHelpText('after', () => explanations(cli))
  add(cli, 'run').action(async (scenario: string, flags: FlagsOf<'run'>) => {
    const { run } = await import('./commands/run.ts')
    process.exitCode = await run(scenario, flags)
  })
  add(cli, 'compare-designs').action(async (flags: FlagsOf<'compare-designs'>) => {
    const { compareDesigns } = await import('./commands/compareDesigns.ts')
    process.exitCode = await compareDesigns(flags)
  })
  addNetwork(cli.command('network').description('A network that stays up between runs.'))
  add(cli, 'presign').action(async (source: string | undefined, flags: FlagsOf<'presign'>) => {
    const { presign } = await import('./commands/presign.ts')
    process.exitCode = await presign(source, flags)
  })
  add(cli, 'verify').action(async (flags: FlagsOf<'verify'>) => {
    const { verify } = await import('./commands/verify.ts')
    process.exitCode = await verify(flags)
  })
  add(cli, 'population').action(async (city: string, flags: FlagsOf<'population'>) => {
    const { population } = await import('./commands/population.ts')
    process.exitCode = population(city, flags)
  })
  add(cli, 'doctor').action(async (flags: FlagsOf<'doctor'>) => {
    const { doctor } = await import('./commands/doctor.ts')
    process.exitCode = await doctor({ json: flags.json === true })
  })
  add(cli, 'report').action(async (folder: string, flags: FlagsOf<'report'>) => {
    const { report } = await import('./commands/report.ts')
    process.exitCode = report(folder, { json: flags.json === true })
  })
  return cli
}

function addNetwork(network: Command): void {
  add(network, 'network up').action(async (flags: FlagsOf<'network up'>) => {
    const { networkUp } = await import('./commands/network.ts')
    process.exitCode = await networkUp(flags)
  })
  add(network, 'network status').action(async (flags: FlagsOf<'network status'>) => {
    const { networkStatus } = await import('./commands/network.ts')
    process.exitCode = await networkStatus(flags)
  })
  add(network, 'network down').action(async (flags: FlagsOf<'network down'>) => {
    const { networkDown } = await import('./commands/network.ts')
    process.exitCode = await networkDown(flags)
  })
}

/** More than this are listed under headings. */
const UNGROUPED_OPTIONS_MAX = 10

/** A command with the options of its records; their texts are read by the command. */
function add(parent: Command, name: keyof typeof commands): Command {
  const { summary, argument, options }: Definition = commands[name]
  const command = parent.command(name.replace(/^.* /, '')).description(summary)
  if (argument !== undefined) command.argument(...argument)
  const records = Object.values(options)
  for (const record of records) {
    const { flag, group = '', placeholder } = record
    const words = placeholder === '' ? flag : `${flag} <${placeholder}>`
    const option = new Option(words, describe(record))
    if (records.length > UNGROUPED_OPTIONS_MAX) option.helpGroup(`${group}:`)
    command.addOption(option)
  }
  return command
}

/** Columns of the terminal, or what `COLUMNS` says; wider lines are not easier to read. */
function helpWidth(): number {
  const columns = process.stdout.columns ?? (Number(process.env['COLUMNS']) || 80)
  return Math.min(columns, 100)
}

function explanations(cli: Command): string {
  const help = cli.createHelp()
  help.prepareContext({ helpWidth: helpWidth() })
  const list = (items: readonly { name: string; description: string }[]): string =>
    items.map(({ name, description }) => help.formatItem(name, 19, description, help)).join('\n')
  return `
Scenarios:
${list(storms)}

Designs:
${list(designs)}

Exit codes:
  0 pass, 99 objective missed, 104 bad configuration, 105 interrupted, 107 scenario threw,
  120 integrity violated, 121 generator-bound, 122 inconclusive, 1 anything unforeseen

Examples:
  npm run storm -- run smoke
  npm run storm -- run peak-2017 --rate 200 --duration 60s --voters 20000
  npm run storm -- run peak-2017 --design direct --seed 7
  npm run storm -- compare-designs --voters 20000 --rate 20
  npm run --silent storm -- doctor --json
`
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
