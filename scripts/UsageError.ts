import { BallotstormError } from '../scenarios/runtime/BallotstormError.ts'

/** A mistake of the user's: all problems at once, each a sentence that says the way out. */
export class UsageError extends BallotstormError {
  override readonly name = 'UsageError'
  readonly code = 'USAGE'
  readonly exitCode = 104
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}
