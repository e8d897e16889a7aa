/** More than one ballot in a thousand that did not leave: the storm was not the planned one. */
export const UNSENT_SHARE_MAX = 0.001

/** Sends later than a quarter of a second are no longer the plan's arrival curve. */
export const LATE_MS_P99_MAX = 250

/**
 * A system that answers 99 of 100 ballots within a second does not hold up the generator. One that
 * takes longer fills the generator's open requests, and may itself be why sends are late; latency
 * runs from the intended instant, so that nothing is hidden then.
 */
export const ANSWER_MS_P99_MAX = 1000

/** From fewer answers of the probe nothing follows about a hundredth of those of k6. */
export const PROBE_ANSWERS_MIN = 20

/**
 * Within a minute. Time synchronisation slews by 30 ms in it at most (500 ppm, the kernel's limit), and
 * 50 are small against every objective.
 */
export const CLOCK_DRIFT_MS_MAX = 50

/** One second in twenty that a hypervisor took is one that no process of ours could use. */
export const STEAL_SHARE_MAX = 0.05

/** A fifth of one of two cores. */
export const FOREIGN_CPU_SHARE_MAX = 0.1

/** Scrapes have seconds' edges: by so much the counters in Prometheus may miss the history's. */
export const COUNTER_DEVIATION_MAX = 0.02

/** Rates in Prometheus and in the history may differ by this share, for the same reason. */
export const RATE_DEVIATION_MAX = 0.02

/**
 * A witness is silent for longer only where it is blind: a node that has nothing new is heard every
 * second all the same.
 */
export const SILENCE_MS_MAX = 10_000

/**
 * A chain whose last final block is older than this at the deadline stood still; then a ballot may
 * still come, and is pending, not lost. Ten times the usual block time.
 */
export const STANDSTILL_MS = 10_000

/** A minute of queue: several times whatever a block, a checkpoint or a collection of garbage takes. */
export const SATURATED_S_MIN = 60

/** By Little's law an empty way holds rate × time ballots; from twice that on there is a queue. */
export const QUEUE_FACTOR_MIN = 2

/** A voter whom nobody answers waits, but must not look like a queue for ever. */
export const WAITING_S_MAX = 10
