// NAME:vTAG@sha256:DIGEST of one of our own images, checked before it reaches a command line or a file.
import { UsageError } from '../../generators/commands/command.ts'

const form = /^([a-z0-9.-]+(?:\/[a-z0-9._-]+)+)(?::v?([0-9]+\.[0-9]+\.[0-9]+))?@(sha256:[0-9a-f]{64})$/

export interface ImageReference {
  repository: string
  tag: string | undefined
  digest: string
}

export function readImage(text: string | undefined): ImageReference {
  const match = form.exec((text ?? '').toLowerCase())
  if (match?.[1] === undefined || match[3] === undefined)
    throw new UsageError(`"${text ?? ''}" is no image; write HOST/OWNER/NAME:vX.Y.Z@sha256:…`)
  return { repository: match[1], tag: match[2], digest: match[3] }
}
