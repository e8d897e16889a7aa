/** What k6 gives every script and `@types/k6` leaves out. */
declare const console: { log(line: string): void }
