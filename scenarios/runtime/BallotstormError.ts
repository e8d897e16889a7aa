/**
 * The one base of every error of this project: its message says what happened and the way out, and
 * is told without a stack. Anything else that is thrown is a bug.
 */
export abstract class BallotstormError extends Error {
  /** Names the error for programs; unique over the project. */
  abstract readonly code: string
  /**
   * What a command ends with that does not go on, as `scripts/ExitCode.ts` has it: 104 for what the
   * user can mend before anything is fired, 107 for what broke under way, 105 for an interruption, 1
   * for what should not be possible.
   */
  abstract readonly exitCode: 1 | 104 | 105 | 107
}
