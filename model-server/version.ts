// The version of this program: the repository's.
import packageJson from '../package.json' with { type: 'json' }

export const version: string = packageJson.version
