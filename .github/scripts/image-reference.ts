// Our own images as a release names them: HOST/OWNER/NAME:X.Y.Z@sha256:DIGEST. The one place that knows the form of tag and owner.
import { UsageError } from '../../generators/command-line/command.ts'

const registry = 'ghcr.io'
/** With the part of a version before its release, and without build metadata: an image’s tag takes no plus sign. */
const version = String.raw`[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?`
const form = new RegExp(`^([a-z0-9.-]+(?:/[a-z0-9._-]+)+)(?::v?(${version}))?@(sha256:[0-9a-f]{64})$`, 'i')

export interface ImageReference {
  repository: string
  tag: string | undefined
  digest: string
}

export function readImage(text: string | undefined): ImageReference {
  const match = form.exec(text ?? '')
  if (match?.[1] === undefined || match[3] === undefined)
    throw new UsageError(`"${text ?? ''}" is no image; write HOST/OWNER/NAME:X.Y.Z@sha256:…`)
  return { repository: match[1].toLowerCase(), tag: match[2], digest: match[3].toLowerCase() }
}

/** Git’s tag is v and the version, an image’s tag the version alone, as apps/images.yaml and every manifest name it. */
export function imageTag(gitTag: string): string {
  const found = new RegExp(`^v(${version})$`).exec(gitTag)?.[1]
  if (found === undefined) throw new UsageError(`"${gitTag}" is no tag of a release; write vX.Y.Z`)
  return found
}

/** Registries take small letters only, owners on GitHub may have capitals. */
export const imageRepository = (owner: string, name: string): string => `${registry}/${owner.toLowerCase()}/${name}`

/** The last part, which stays the same with any owner of the image. */
export const imageName = (repository: string): string => repository.slice(repository.lastIndexOf('/') + 1)
