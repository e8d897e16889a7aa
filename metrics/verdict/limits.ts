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
