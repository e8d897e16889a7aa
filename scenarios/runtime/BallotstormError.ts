/**
 * The one base of every error of this project: its message says what happened, its remedy the way
 * out, and it is told without a stack. Anything else that is thrown is a bug.
 */
export abstract class BallotstormError extends Error {
  /** Names the error for programs; unique over the project. */
  abstract readonly code: string
  /**
   * What a command ends with that does not go on, as `scripts/ExitCode.ts` has it: 104 for what the
   * user can mend before anything is fired, 107 for what broke under way, 105 for an interruption,
   * 122 where nothing can be said, 1 for what should not be possible.
   */
  abstract readonly exitCode: 1 | 104 | 105 | 107 | 122
  /** What the user can do: one sentence, which the message does not say. */
  abstract readonly remedy: string
}

/** What of an error goes to another thread or process, where its class is lost. */
export type Told = Pick<BallotstormError, 'name' | 'code' | 'exitCode' | 'message' | 'remedy'>

/** What a person reads: the message and the remedy; of a bug its stack, and that it is one. */
export function explanationOf(error: unknown): string {
  if (error instanceof BallotstormError) {
    const { message, remedy } = error
    return message.includes('\n') ? `${message}\n${remedy}` : `${message} ${remedy}`
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return `${stack}\nThis should not have happened: it is a bug of ballotstorm.`
}

/** An error in a form that JSON keeps. */
export function toldOf({ name, code, exitCode, message, remedy }: BallotstormError): Told {
  return { name, code, exitCode, message, remedy }
}

/** The error that another thread or process has told; undefined where it told none of ours. */
export function restore(value: unknown): BallotstormError | undefined {
  return isTold(value) ? new RetoldError(value) : undefined
}

/**
 * An error as it is once ballots fly: what the user could have mended before anything was fired is
 * then a storm that broke off.
 */
export function underWay(error: unknown): unknown {
  const isMistake = error instanceof BallotstormError && error.exitCode === 104
  return isMistake ? new RetoldError({ ...toldOf(error), exitCode: 107 }, error) : error
}

const EXIT_CODES: readonly unknown[] = [1, 104, 105, 107, 122]

function isTold(value: unknown): value is Told {
  const holds = (field: keyof Told): boolean =>
    typeof value === 'object' && value !== null && typeof Reflect.get(value, field) === 'string'
  const areTexts = holds('name') && holds('code') && holds('message') && holds('remedy')
  return areTexts && EXIT_CODES.includes(Reflect.get(Object(value), 'exitCode'))
}

/** Another error, told where its class is lost or its exit code is no longer true. */
class RetoldError extends BallotstormError {
  override readonly name: string
  readonly code: string
  readonly exitCode: BallotstormError['exitCode']
  readonly remedy: string
  constructor({ name, code, exitCode, message, remedy }: Told, cause?: unknown) {
    super(message, { cause })
    this.name = name
    this.code = code
    this.exitCode = exitCode
    this.remedy = remedy
  }
}
