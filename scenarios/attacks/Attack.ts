/** What an attacker knows and can do; nothing of it is secret to whoever votes. */
export type Surroundings = {
  /** Base URLs of the voting API. */
  targets: readonly string[]
  pollIds: readonly number[]
  voterCount: number
  /** Sends a request, and counts its answer. @returns its status; 0 where there was none. */
  post: (url: string, body: unknown) => Promise<number>
}

/** Somebody who means ill, beside the voters. */
export type Attack = {
  /** One sentence for help and report. */
  description: string
  /** Requests a second. */
  ratePerS: number
  /** One request; called at that rate until the storm is over. Never rejects. @param index - from 0. */
  act(surroundings: Surroundings, index: number): Promise<unknown>
}
