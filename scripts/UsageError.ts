import { BallotstormError } from '../scenarios/runtime/BallotstormError.ts'

/** The command, a file or an account cannot be used so; all problems at once, each with its way out. */
export class UsageError extends BallotstormError {
  override readonly name = 'UsageError'
  readonly code = 'USAGE'
  readonly exitCode = 104
  readonly remedy = 'Change the command accordingly; `--help` lists what may be said.'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}
