// What Git says differs between the two sides, before anybody has looked inside a file.

/** A file that differs; `before` undefined: new, `after` undefined: removed. */
export interface FileChange {
  /** Relative to the repository's root, with forward slashes. */
  path: string
  before?: string
  after?: string
}
