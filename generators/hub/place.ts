// Where files lie on the Hub.

/** One revision of a repository, as the Hub's library wants it named. */
export interface Place {
  /** Whole: a text with more than one slash is no name for the library. */
  repo: { type: 'model'; name: string }
  revision: string
  hubUrl: string
  fetch: typeof fetch
  accessToken?: string
  /** Files are read from the address that the Hub names; its chunk protocol has nothing to offer for a header. */
  xet: false
}
