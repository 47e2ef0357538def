// How often git-watch does what; milliseconds.

/** A commit is seen within this. One look costs Argo CD one `git ls-remote` and a comparison of the root Application. */
export const lookEveryMs = 15_000

/**
 * Argo CD hears of every object that is deleted but of definitions, which it does not mark as its own: the Applications of charts, which bring
 * them, look this often.
 */
export const lookAtChartsEveryMs = 120_000

export const healEveryMs = 30_000
/** Argo CD heals again after a minute at most (`controller.self.heal.backoff.cap.seconds`): drift that lasts longer is in a window. */
export const looksBeforeHealing = 3
/** Something that changes an object again and again is not fought over every half minute. */
export const healAgainMs = 5 * 60_000

/** Longer than an API server takes to restart. */
export const giveUpMs = 5 * 60_000
