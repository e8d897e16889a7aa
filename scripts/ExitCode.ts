/**
 * The exit codes of the CLI: an interface that CI jobs may rely on. 99 to 107 are k6's numbers for
 * the same events.
 */
export const PASS = 0
/** A bug, or a fault of the machine that none of the others names. */
export const UNEXPECTED = 1
/** The run was valid, and an objective was missed. */
export const OBJECTIVE_MISSED = 99
/** A flag, a file or a tool is wrong or missing; nothing was fired. */
export const BAD_CONFIGURATION = 104
/** Ctrl-C or SIGTERM; the partial run is kept and marked. */
export const INTERRUPTED = 105
/** The scenario broke off: a part died or an error was thrown under way. */
export const SCENARIO_THREW = 107
/** The books do not balance: a ballot was lost, duplicated, altered, unexpected or unfinal. */
export const INTEGRITY_VIOLATED = 120
/** The generator was the bottleneck; nothing is said about the system. */
export const GENERATOR_BOUND = 121
/** Nothing to judge by: no samples, clocks stepped, or the machine was taken by others. */
export const INCONCLUSIVE = 122
