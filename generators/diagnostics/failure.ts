// A bug of ours or a failed read or write: exit code 2. A user's mistake is a Diagnostic instead.

export class Failure extends Error {
  override name = 'Failure'
}
